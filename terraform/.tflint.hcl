# Everything that tflint knows of Terraform itself; of AWS, checkov and the provider say it.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
