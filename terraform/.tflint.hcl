# All rules of tflint for Terraform itself. The provider and checkov check what belongs to AWS.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
