#!/usr/bin/env bash
# Makes keys and roles with the AWS CLI in a moto server on loopback, runs the README's recipe, and prints what kmslint finds with the outcome.
# Usage: round-trip.sh KMSLINT README TEMPLATE, in an empty folder. Needs `aws` and `moto_server` (both from PyPI).
set -euo pipefail
kmslint=$1 readme=$2 template=$3

port=$((20000 + $$ % 20000))
moto_server -H 127.0.0.1 -p "$port" > server.log 2>&1 &
server=$!
trap 'kill "$server"' EXIT
for _ in $(seq 100); do
  (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break
  sleep 0.2
done

export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
export AWS_DEFAULT_REGION=eu-west-1 AWS_DEFAULT_OUTPUT=json AWS_EC2_METADATA_DISABLED=true
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
account=123456789012

key() { # the id of a new key with these statements
  aws kms create-key --policy "{\"Version\": \"2012-10-17\", \"Statement\": [$1]}" --query KeyMetadata.KeyId --output text
}
statement() { # effect, principal, action
  echo "{\"Effect\": \"$1\", \"Principal\": {\"AWS\": \"arn:aws:iam::$account:$2\"}, \"Action\": \"$3\", \"Resource\": \"*\"}"
}

trusting=$(key "$(statement Allow root 'kms:*')")
narrow=$(key "$(statement Allow role/Admin 'kms:*')")
partial=$(key "$(statement Allow root 'kms:Describe*'), $(statement Allow role/Admin 'kms:*')")
naming=$(key "$(statement Allow role/Admin 'kms:*'), $(statement Allow role/App kms:Decrypt)")
denying=$(key "$(statement Allow root 'kms:*'), $(statement Deny role/App kms:Decrypt)")
aws kms create-alias --alias-name alias/app --target-key-id "$trusting"
aws kms create-grant --key-id "$naming" --grantee-principal "arn:aws:iam::$account:role/Worker" --operations Decrypt > /dev/null
aws iam create-role --role-name Worker --assume-role-policy-document \
  '{"Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}' > /dev/null

sed -n '/<!-- inventory recipe -->/,/^```$/p' "$readme" | sed '1,2d;$d' > recipe.sh
bash recipe.sh

sed -e "s/TRUSTING/$trusting/; s/NARROW/$narrow/; s/PARTIAL/$partial/; s/NAMING/$naming/; s/DENYING/$denying/" "$template" > app.yaml
"$kmslint" --isolated --inventory inventory.json --account "$account" --region eu-west-1 --format concise app.yaml || echo "exit $?"
