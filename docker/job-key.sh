#!/bin/sh
# job-key make    makes the job key, 256 random bits in the file that TSMPI_JOB_KEY_FILE names, unless there is one
# job-key await   waits until there is one
set -eu

case $1 in
make)
  [ -s "$TSMPI_JOB_KEY_FILE" ] && exit 0
  umask 077
  head -c 32 /dev/urandom | base64 -w 0 >"$TSMPI_JOB_KEY_FILE.new"
  mv "$TSMPI_JOB_KEY_FILE.new" "$TSMPI_JOB_KEY_FILE"
  ;;
await)
  until [ -s "$TSMPI_JOB_KEY_FILE" ]; do sleep 0.2; done
  ;;
esac
