#!/usr/bin/env bash
# The worker of scale-hpc-fleet: it runs on every node of a gang, and node 0 takes the jobs. What it keeps to is on the page of the runbook,
# functions/scale-hpc-fleet/README.md, "What a worker has to keep to". Settings are on the page beside this file.
#
# Needs what Amazon Linux 2023 has: bash 5, AWS CLI 2, curl, util-linux. It needs no root.

set -u -o pipefail

: "${GANG_LEDGER:?name of the data table, e.g. runbook-dev-data}" "${GANG_COMMAND:?what is run for each job}"
GANG_EFA=${GANG_EFA:-0}
GANG_MOUNTS=${GANG_MOUNTS:-}
GANG_STAGE_IN=${GANG_STAGE_IN:-}
GANG_STAGE_OUT=${GANG_STAGE_OUT:-}
GANG_DIR=${GANG_DIR:-/var/lib/gang-worker}
GANG_HIDDEN_SECONDS=${GANG_HIDDEN_SECONDS:-300}
GANG_POLL_SECONDS=${GANG_POLL_SECONDS:-20}
GANG_TICK_SECONDS=${GANG_TICK_SECONDS:-5}
GANG_GRACE_SECONDS=${GANG_GRACE_SECONDS:-30}
GANG_RESCUE_SECONDS=${GANG_RESCUE_SECONDS:-40}
GANG_HOLD_SECONDS=${GANG_HOLD_SECONDS:-3600}

# Times are compared as text: all in one spelling.
export LC_ALL=C TZ=UTC AWS_PAGER='' AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=3

over=''     # Why no further job is taken; a job in hand is given up.
stopping='' # The worker was told to stop.
closed=''   # Nobody may take the lease any more.
lost=''     # Why the job in hand is not ours any more.
message=''  # Id of the message in hand; none once it was given back.
handle=''   # Its newest receipt handle.
beat_at=0   # When the job is renewed next, in seconds since 1970.

trap 'over="the worker was told to stop"; stopping=1' TERM INT HUP

log() { printf '%(%Y-%m-%dT%H:%M:%SZ)T gang-worker: %s\n' -1 "$*" >&2; }

# The present, or so many seconds from it, as ISO 8601.
iso() { printf '%(%Y-%m-%dT%H:%M:%SZ)T' $((EPOCHSECONDS + ${1:-0})); }

# A tick, or shorter: until the process given has ended, or a signal comes.
nap() {
  sleep "$GANG_TICK_SECONDS" &
  local sleeping=$!
  wait -n "$sleeping" ${1:+"$1"} 2>/dev/null
  kill "$sleeping" 2>/dev/null
}

# --- AWS ------------------------------------------------------------------------------------------------------------------------------

# One call. What it answers is in $said.
call() {
  said=$(aws "$@" --output text --cli-connect-timeout 5 --cli-read-timeout 30 2>"$GANG_DIR/error") && return 0
  log "$1 $2: $(grep -v '^$' "$GANG_DIR/error" | tail -n 1)"
  return 1
}

# A call that is the same when it is sent again: a few times, a tick apart.
insist() {
  local times
  for times in 1 2 3 4 5 6; do
    call "$@" && return 0
    [[ $times == 6 ]] || nap
  done
  return 1
}

imds() {
  local token url=http://169.254.169.254/latest
  token=$(curl -sf --max-time 2 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$url/api/token") || return 1
  curl -sf --max-time 2 -H "X-aws-ec2-metadata-token: $token" "$url/meta-data/$1"
}

# An item of the data ledger: its version is in $version (0: there is none), its value in $value.
ledger_read() {
  call dynamodb get-item --table-name "$GANG_LEDGER" --consistent-read --key "{\"pk\":{\"S\":\"$1\"},\"sk\":{\"S\":\"$2\"}}" \
    --query 'Item.[version.N,value.S]' || return 1
  version=0 value=''
  [[ $said == None || -z $said ]] || IFS=$'\t' read -r version value <<<"$said"
}

# Writes PARTITION KEY VALUE, kept for DAYS, on the condition that the item is as it was read ($version).
ledger_write() {
  local seen=$version text=${3//\\/\\\\} item
  text=${text//\"/\\\"}
  item="{\"pk\":{\"S\":\"$1\"},\"sk\":{\"S\":\"$2\"},\"version\":{\"N\":\"$((seen + 1))\"},\"value\":{\"S\":\"$text\"}"
  item+=",\"layout\":{\"N\":\"1\"},\"ttl\":{\"N\":\"$((EPOCHSECONDS + $4 * 86400))\"}}"
  local condition=(--condition-expression 'attribute_not_exists(pk)')
  ((seen == 0)) || condition=(--condition-expression '#version = :seen' --expression-attribute-names '{"#version":"version"}'
    --expression-attribute-values "{\":seen\":{\"N\":\"$seen\"}}")
  if call dynamodb put-item --table-name "$GANG_LEDGER" --item "$item" "${condition[@]}"; then
    version=$((seen + 1)) value=$3
    return 0
  fi
  # It may have been written, and the answer lost.
  ledger_read "$1" "$2" && ((version == seen + 1)) && [[ $value == "$3" ]]
}

# A member of $value that is text. Quotes inside of text are escaped there: what looks like a member is one.
field() { [[ $value =~ [{,][[:space:]]*\"$1\"[[:space:]]*:[[:space:]]*\"([^\"\\]*)\" ]] && printf %s "${BASH_REMATCH[1]}"; }

# --- Who this is, and whether it is fit ----------------------------------------------------------------------------------------------

# The instance, its gang, and what the gang is for.
identify() {
  local run tag=".Value|[0]"
  if ! instance=$(imds instance-id) || ! index=$(imds ami-launch-index); then
    log 'the instance metadata do not answer'
    return 1
  fi
  AWS_REGION=${AWS_REGION:-$(imds placement/region)} && export AWS_REGION
  # EC2 may not show at once what it has launched.
  call ec2 describe-instances --instance-ids "$instance" --query "Reservations[0].Instances[0].[InstanceLifecycle,\
Tags[?Key=='runbook:run']$tag,Tags[?Key=='aws:ec2launchtemplate:id']$tag,\
Tags[?Key=='runbook:hpc-queue']$tag,Tags[?Key=='runbook:nodes-per-job']$tag]" || return 1
  IFS=$'\t' read -r lifecycle run template queue size <<<"$said"
  gang=${run#scale-hpc-fleet/}
  [[ $run == scale-hpc-fleet/?* && $template == lt-* && -n $queue && $size =~ ^[1-9][0-9]*$ ]] && return 0
  log "$instance does not show the tags of a gang: $said"
  return 1
}

# What is wrong with this node, in $fault.
check() {
  local mount type
  fault='' mounts=''
  if command -v fi_info >/dev/null; then
    efa=$(fi_info -p efa -t FI_EP_RDM 2>/dev/null | sed -n 's/^ *domain: *//p' | sort -u | wc -l)
  else
    efa=$(find "${GANG_SYS:-/sys}/class/infiniband" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)
  fi
  efa=$((efa))
  ((efa >= GANG_EFA)) || fault="$efa of $GANG_EFA EFA devices"
  for mount in $GANG_MOUNTS; do
    type=$(timeout 10 findmnt --noheadings --output FSTYPE --mountpoint "$mount" | tail -n 1)
    if [[ -n $type ]]; then
      mounts+="${mounts:+,}\"$mount\""
      log "$mount is mounted ($type)"
    else
      fault="$mount is not mounted"
    fi
  done
}

# Writes into the ledger that this node is fit; or, with a reason, that it is not.
attest() {
  local why=${1//[\"\\]/} value
  ledger_read hpc-attest "$gang/$index" || return 1
  if [[ -z $why ]]; then
    ledger_write hpc-attest "$gang/$index" "{\"ok\":true,\"efa\":$efa,\"mounts\":[$mounts],\"at\":\"$(iso)\"}" 1
  else
    ledger_write hpc-attest "$gang/$index" "{\"ok\":false,\"why\":\"$why\",\"at\":\"$(iso)\"}" 1
  fi
}

# Spot notices: of this node, which is told in the ledger; and node 0 reads there of the others'.
look_out() {
  if [[ -z ${told:-} ]] && imds spot/instance-action >/dev/null; then
    over=${over:-'a Spot notice'}
    attest 'spot notice' && told=1
  fi
  [[ $lifecycle == spot && $index == 0 && -z $over ]] || return 0
  call dynamodb query --table-name "$GANG_LEDGER" --consistent-read --query 'Items[].value.S' \
    --key-condition-expression 'pk = :attest and begins_with(sk, :gang)' \
    --expression-attribute-values "{\":attest\":{\"S\":\"hpc-attest\"},\":gang\":{\"S\":\"$gang/\"}}" || return 0
  [[ $said != *'"why":"spot notice"'* ]] || over='a Spot notice of another node'
}

# --- The gang --------------------------------------------------------------------------------------------------------------------------

# The addresses of all nodes, in the order of their launch, in a file.
list_hosts() {
  call ec2 describe-instances --query 'Reservations[].Instances[].[AmiLaunchIndex,PrivateIpAddress]' \
    --filters "Name=tag:runbook:run,Values=scale-hpc-fleet/$gang" Name=instance-state-name,Values=running || return 1
  sort -n -u -k 1,1 <<<"$said" | cut -f 2 >"$GANG_DIR/hosts"
  (($(grep -c . "$GANG_DIR/hosts") == size))
}

# A gang that has lost a node does no job any more. What EC2 does not show is no loss.
look_for_losses() {
  call ec2 describe-instances --query 'Reservations[].Instances[].InstanceId' \
    --filters "Name=tag:runbook:run,Values=scale-hpc-fleet/$gang" \
    Name=instance-state-name,Values=shutting-down,terminated,stopping,stopped || return 0
  [[ -z $said || $said == None ]] || over="$said is gone"
}

# Keeps the gang from being ended. Whether it does is known only if this succeeds; it is given back in any case.
hold() {
  : >"$GANG_DIR/held"
  if [[ $lifecycle != spot ]]; then
    call ec2 modify-instance-attribute --instance-id "$instance" --disable-api-termination
    return
  fi
  # $lease is the version that was seen before there was anything to do.
  version=$lease
  ledger_write hpc-lease "$gang" "{\"state\":\"busy\",\"until\":\"$(iso "$GANG_HIDDEN_SECONDS")\"}" 400 && lease=$version
}

# How the lease stands: its version is in $lease.
see_lease() {
  [[ $lifecycle == spot ]] || return 0
  ledger_read hpc-lease "$gang" || return 1
  lease=$version
  [[ $(field state) != closed ]] || closed=1 over='the lease is closed'
}

give_back() {
  [[ -e $GANG_DIR/held ]] || return 0
  if [[ $lifecycle != spot ]]; then
    until insist ec2 modify-instance-attribute --instance-id "$instance" --no-disable-api-termination; do
      log "$instance is still protected: the gang stays until somebody takes that away"
    done
  else
    until see_lease && { [[ -n $closed ]] || ledger_write hpc-lease "$gang" '{"state":"free"}' 400; }; do nap; done
  fi
  rm -f "$GANG_DIR/held"
}

# --- The job ---------------------------------------------------------------------------------------------------------------------------

hide() { call sqs change-message-visibility --queue-url "$url" --receipt-handle "$handle" --visibility-timeout "$1"; }

# Whose the job is, in the ledger: each queue has a partition of its own, for nodes of others may not say that its jobs are done. SQS hides a message for 12 hours at most, and may hand it to two.
owned() {
  local until=$1 more=${2:-}
  ledger_write "hpc-job/$queue" "$message" \
    "{\"gang\":\"$gang\",\"since\":\"$since\",\"until\":\"$until\",\"handle\":\"$handle\"$more}" 15
}

# The record of our own job; the receipt handle there is the newest. Fails with $lost where the job is not ours.
reread() {
  ledger_read "hpc-job/$queue" "$message" || return 1
  if [[ $(field gang) != "$gang" || -n $(field 'done') ]]; then
    lost="it is another gang's, or done"
    return 1
  fi
  handle=$(field handle) since=$(field since)
}

# Takes what was received, unless somebody is at it, or it is done.
take() {
  local times
  since=$(iso)
  for times in 1 2 3; do
    ledger_read "hpc-job/$queue" "$message" || return 1
    if [[ -n $(field 'done') ]]; then
      log "$message is done: it is only taken out of the queue"
      insist sqs delete-message --queue-url "$url" --receipt-handle "$handle"
      return 1
    fi
    local other until
    other=$(field gang) until=$(field until)
    if [[ -z $other || $other == "$gang" || ! $until > $(iso) ]]; then
      owned "$(iso "$GANG_HIDDEN_SECONDS")" && return 0
    # Whoever is at it can hide it on with this handle; what is there otherwise stays.
    elif ledger_write "hpc-job/$queue" "$message" \
      "{\"gang\":\"$other\",\"since\":\"$(field since)\",\"until\":\"$until\",\"handle\":\"$handle\"}" 15; then
      log "$message is at work with gang $other: it is hidden again"
      return 1
    fi
  done
  # It comes back when it is not hidden any longer.
  return 1
}

# For others, at once. Whoever was killed in between leaves it hidden for as long as it is.
put_back() {
  if reread; then owned "$(iso)"; fi
  [[ -n $lost ]] || insist sqs change-message-visibility --queue-url "$url" --receipt-handle "$handle" --visibility-timeout 0
  message=''
}

# Done is written before the message is deleted: received once more it is not run again.
finish() {
  local times
  for times in 1 2 3 4 5 6; do
    if reread && owned "$(iso)" ",\"done\":\"$(iso)\""; then break; fi
    [[ -z $lost ]] || return 0
    nap
  done
  insist sqs delete-message --queue-url "$url" --receipt-handle "$handle"
  message=''
}

# Keeps the job, and the gang, for some more time. What fails is tried again a tick later; a message that SQS hides no longer is still ours.
beat() {
  local next=$((EPOCHSECONDS + GANG_HIDDEN_SECONDS / 2))
  if [[ -n $message ]]; then
    if reread && owned "$(iso "$GANG_HIDDEN_SECONDS")"; then beat_at=$next; fi
    [[ -z $lost ]] || return 0
    hide "$GANG_HIDDEN_SECONDS"
  else
    beat_at=$next
  fi
  if [[ $lifecycle == spot ]]; then
    see_lease && [[ -z $over ]] && hold
  fi
  [[ -n $over ]] || look_for_losses
}

# Runs a command of the job's, in a process group of its own, and keeps the job meanwhile. It is ended at LIMIT (seconds since 1970), or
# PATIENCE seconds after a reason has come to give up; then $cut says so. Its exit code is in $code.
attend() {
  local command=$1 limit=$2 patience=$3 before='' pid ends
  cut=''
  # What has patience is begun in spite of the reason.
  ((patience == 0)) || before=$over
  set -m
  bash -c "$command" <"$GANG_JOB" &
  pid=$!
  set +m
  while kill -0 "$pid" 2>/dev/null; do
    nap "$pid"
    look_out
    ((EPOCHSECONDS < beat_at)) || beat
    if [[ $over != "$before" ]]; then before=$over limit=$((EPOCHSECONDS + patience)); fi
    if [[ -n $lost ]] || ((EPOCHSECONDS >= limit)); then
      kill -0 "$pid" 2>/dev/null || break
      log "ends what it is at: ${lost:-${over:-it takes too long}}"
      cut=1
      kill -TERM -- "-$pid" 2>/dev/null
      ends=$((EPOCHSECONDS + GANG_GRACE_SECONDS))
      while kill -0 "$pid" 2>/dev/null && ((EPOCHSECONDS < ends)); do nap "$pid"; done
      break
    fi
  done
  # Nothing of it stays behind.
  kill -KILL -- "-$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  code=$?
}

# What the job leaves on the nodes is brought out. It is tried again as long as the gang can be kept for it.
stage_out() {
  [[ -n $GANG_STAGE_OUT ]] || return 0
  local limit=$((EPOCHSECONDS + (${#over} > 0 ? GANG_RESCUE_SECONDS : GANG_HOLD_SECONDS)))
  while :; do
    attend "$GANG_STAGE_OUT" "$limit" "$GANG_RESCUE_SECONDS"
    ((code != 0)) || return 0
    log "stage-out ended with $code; the gang is kept for it until $(iso $((limit - EPOCHSECONDS)))"
    [[ -z $over$lost ]] && ((EPOCHSECONDS < limit)) || return 1
    attend "sleep $GANG_POLL_SECONDS" "$limit" 0
  done
}

# The job in hand, from its beginning to its end.
work() {
  local never=$((EPOCHSECONDS + 1000000000))
  code=0 cut='' beat_at=$((EPOCHSECONDS + GANG_HIDDEN_SECONDS / 2))
  export GANG_ID=$gang GANG_SIZE=$size GANG_HOSTS=$GANG_DIR/hosts GANG_MESSAGE=$message GANG_EXIT=''
  log "job $message begins"
  [[ -z $GANG_STAGE_IN ]] || attend "$GANG_STAGE_IN" "$never" 0
  [[ $code != 0 || -n $cut ]] || attend "$GANG_COMMAND" "$never" 0
  GANG_EXIT=$code
  if [[ -n $lost ]]; then
    log "job $message is given up: $lost"
  elif [[ -n $cut ]]; then
    # Before others begin with it: a checkpoint is theirs.
    stage_out
    put_back
  elif ((GANG_EXIT == 0)); then
    if stage_out; then finish; else put_back; fi
  else
    put_back
    stage_out
  fi
  log "job $GANG_MESSAGE ended with $GANG_EXIT${cut:+, before its time}${lost:+: $lost}"
  message='' lost=''
  rm -f "$GANG_DIR/receipt"
}

# One message, in $message, $handle and a file; line ends at its end are lost. An answer that was lost leaves it hidden for its time.
receive() {
  local text
  call sqs receive-message --queue-url "$url" --max-number-of-messages 1 --visibility-timeout "$GANG_HIDDEN_SECONDS" \
    --wait-time-seconds 1 --query 'Messages[0].[MessageId,ReceiptHandle,Body]' || return 1
  [[ $said == *$'\t'*$'\t'* ]] || return 1
  message=${said%%$'\t'*} text=${said#*$'\t'}
  handle=${text%%$'\t'*}
  export GANG_JOB=$GANG_DIR/job
  printf '%s' "${text#*$'\t'}" >"$GANG_JOB"
  printf '%s\t%s\n' "$message" "$handle" >"$GANG_DIR/receipt"
}

# A job, if there is one for this gang. In this order: nobody protects a gang that waits for nothing, or has a job that is not protected.
look_for_job() {
  ledger_read hpc-gang "$template/$gang" && [[ $(field state) == up ]] || return
  [[ -n ${url:-} ]] || { call sqs get-queue-url --queue-name "$queue" --query QueueUrl && url=$said; } || return
  call sqs get-queue-attributes --queue-url "$url" --attribute-names ApproximateNumberOfMessages \
    --query Attributes.ApproximateNumberOfMessages && ((said > 0)) || return
  list_hosts && see_lease && [[ -z $over ]] || return
  if hold && receive; then
    if take; then work; fi
    message=''
    rm -f "$GANG_DIR/receipt"
  fi
  give_back
}

# What an earlier life of this worker has left: its processes are gone, so its job is for others.
recover() {
  if [[ -s $GANG_DIR/receipt ]]; then
    IFS=$'\t' read -r message handle <"$GANG_DIR/receipt"
    until [[ -n ${url:-} ]]; do
      if call sqs get-queue-url --queue-name "$queue" --query QueueUrl; then url=$said; else nap; fi
    done
    log "job $message was left behind"
    put_back
    lost=''
    rm -f "$GANG_DIR/receipt"
  fi
  give_back
}

mkdir -p "$GANG_DIR"
until identify; do
  nap
  [[ -z $stopping ]] || exit 0
done
log "$instance is node $index of gang $gang, of $size, for $queue"
((index != 0)) || recover
fit='' said_of='' look_at=0
until [[ -n $stopping ]]; do
  look_out
  if [[ -z $fit && -z $over ]]; then
    check
    if [[ -z $fault ]]; then
      attest '' && fit=1
    elif [[ $fault != "$said_of" ]]; then
      log "not fit: $fault"
      attest "$fault" && said_of=$fault
    fi
  fi
  if [[ $index == 0 && -n $fit && -z $over ]] && ((EPOCHSECONDS >= look_at)); then
    look_at=$((EPOCHSECONDS + GANG_POLL_SECONDS))
    look_for_job
  fi
  [[ -n $stopping ]] || nap
done
log 'stopped'
