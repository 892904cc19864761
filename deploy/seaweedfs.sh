#!/bin/sh
# Writes the keys from the environment into the store's own format, makes the bucket, and
# serves; the file lives in memory only.
set -eu
cat > /dev/shm/s3.json <<JSON
{"identities": [{"name": "truefilm",
  "credentials": [{"accessKey": "$S3_ACCESS_KEY", "secretKey": "$S3_SECRET_KEY"}],
  "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
JSON
chmod 600 /dev/shm/s3.json
(
  until echo "s3.bucket.create -name truefilm" | weed shell >/dev/null 2>&1; do sleep 1; done
) &
exec weed server -dir=/data -s3 -s3.config=/dev/shm/s3.json -volume.max=0
