# The two lakes. Law 4: objects are immutable. A policy refuses what would overwrite, versioning keeps what somebody deletes,
# and no lifecycle rule touches an object that is current.

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Who reads the lake is told by CloudTrail's data events where an account wants it; access logs would be a third bucket
  #checkov:skip=CKV_AWS_144:The source is the copy in another place; the lake can be made again from it, and versions keep what is deleted
  #checkov:skip=CKV_AWS_145:S3's own keys encrypt: whoever may read the bucket may read its rows, and KMS would charge for each request
  #checkov:skip=CKV2_AWS_62:The ingestion bucket notifies (module notification); of the processed one nobody needs to hear, as load has a clock
  for_each = var.buckets

  bucket        = each.value
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id
  rule {
    object_ownership = "BucketOwnerEnforced" # no ACLs: the policies say it all
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = aws_s3_bucket.this

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256" # S3's own keys, as said above
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    id     = "forget-abandoned-uploads"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 1 # no stage uploads in pieces; whoever does is done within a day
    }
  }

  rule {
    id     = "forget-what-was-deleted-long-ago"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }
    expiration {
      expired_object_delete_marker = true # the marker alone; it never expires an object
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

data "aws_iam_policy_document" "this" {
  for_each = aws_s3_bucket.this

  dynamic "statement" {
    for_each = var.refuse_plain_http ? [true] : []

    content {
      sid       = "NobodyComesWithoutTls"
      effect    = "Deny"
      actions   = ["s3:*"]
      resources = [each.value.arn, "${each.value.arn}/*"]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
      condition {
        test     = "Bool"
        variable = "aws:SecureTransport"
        values   = ["false"]
      }
    }
  }

  statement {
    sid       = "NobodyOverwritesAnObject"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${each.value.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    # Refused is a write that does not say If-None-Match ...
    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["true"]
    }
    # ... where it makes an object: parts of an upload cannot say it, but the request that completes the upload has to.
    condition {
      test     = "Bool"
      variable = "s3:ObjectCreationOperation"
      values   = ["true"]
    }
  }

  dynamic "statement" {
    for_each = var.force_destroy ? [] : [true]

    content {
      sid       = "NobodyDeletesForGood"
      effect    = "Deny"
      actions   = ["s3:DeleteObjectVersion"]
      resources = ["${each.value.arn}/*"]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id
  policy = data.aws_iam_policy_document.this[each.key].json

  depends_on = [aws_s3_bucket_public_access_block.this] # S3 refuses two such changes at once
}
