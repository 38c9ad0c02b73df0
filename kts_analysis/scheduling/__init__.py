"""Schedules for unattended runs: systemd, cron, Windows Task Scheduler."""
