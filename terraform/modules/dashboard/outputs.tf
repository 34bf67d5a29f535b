output "url" {
  description = "The URL of the dashboard."
  value       = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}

output "metrics" {
  description = "The stages' own metrics that the dashboard shows, as stage and name."
  value = toset(flatten([
    for row in local.rows : [for widget in row : [for own in try(widget.own, []) : "${own[0]}/${own[1]}"]]
  ]))
}
