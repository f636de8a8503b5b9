#!/bin/sh
# Before the Debian package is removed: nobody is deactivated any more by a program that
# is not there. Where another version replaces it ("upgrade"), the service goes on.
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
	systemctl disable --now wfbot.service
fi
