#!/bin/sh
# After the Debian package is installed: the user is there, and systemd knows the unit.
# It is not started, since it has no configuration yet.
set -e
if command -v systemd-sysusers >/dev/null; then
	systemd-sysusers /usr/lib/sysusers.d/wfbot.conf
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl try-restart wfbot.service
fi
