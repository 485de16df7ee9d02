//! The examples at the end of each command's help. A test parses every one of them, so each is
//! a command line that works.

pub(super) const DEMO: &str = "\
Examples:
  orders-lab demo                        the whole lab, in the local cloud
  orders-lab demo --lab mine             beside the lab that is already there";

pub(super) const UP: &str = "\
Examples:
  orders-lab up                          in the local cloud, with no account
  orders-lab up --speed 1                the queues' waits as long as on AWS
  orders-lab up --target aws             on AWS, with your credentials
  orders-lab up --plan                   what would be done; changes nothing
  orders-lab up --lab ann --memory 512   a lab of its own, with other settings";

pub(super) const SIMULATE: &str = "\
Examples:
  orders-lab simulate                    20 orders, about one in ten of them bad
  orders-lab simulate --count 1000 --fault-rate 0.3 --faults all
  orders-lab simulate --seed 7           the same orders each time
  orders-lab simulate --no-wait          send them, and do not follow them";

pub(super) const STATUS: &str = "\
Examples:
  orders-lab status
  orders-lab status --lab ann --json     as one JSON document, for scripts";

pub(super) const DLQ: &str = "\
Examples:
  orders-lab dlq
  orders-lab dlq --full                  with the bodies";

pub(super) const REDRIVE: &str = "\
Examples:
  orders-lab redrive                     move them all, and follow them
  orders-lab redrive --no-wait           move them, and do not follow them";

pub(super) const AUDIT: &str = "\
Examples:
  orders-lab audit                       all recorded runs
  orders-lab audit --run 20261123-182642-7e9d
  orders-lab audit --quiet && echo all accounted for";

pub(super) const LOGS: &str = "\
Examples:
  orders-lab logs                        of both functions, in order of time
  orders-lab logs processor --since 10m
  orders-lab logs --follow               keep showing new ones; Ctrl-C ends it";

pub(super) const DOWN: &str = "\
Examples:
  orders-lab down                        asks first if the lab is on AWS
  orders-lab down --lab ann --yes        without asking
  orders-lab down --all --older-than 2d  every lab that is older than two days";

pub(super) const LIST: &str = "\
Examples:
  orders-lab list                        in the local cloud
  orders-lab list --target aws --region eu-central-1";

pub(super) const POLICY: &str = "\
Examples:
  orders-lab policy operator             what the person running this needs
  orders-lab policy operator --all --target aws > operator.json
  orders-lab policy processor            what the processor function may do";

pub(super) const ENV: &str = "\
Examples:
  orders-lab env                         the exports, to read
  eval \"$(orders-lab env)\"               to use them in this shell";

pub(super) const DOCTOR: &str = "\
Examples:
  orders-lab doctor                      where the lab is, or will be
  orders-lab doctor --target aws         also credentials, clock and quotas";

pub(super) const COST: &str = "\
Examples:
  orders-lab cost                        a run of 20 orders, and an idle day
  orders-lab cost --count 1000000 --days 7
  orders-lab cost --memory 512 --arch arm64
  orders-lab cost --billing provisioned:5,5";

pub(super) const COMPLETIONS: &str = "\
Where to put the script:
  bash        ~/.local/share/bash-completion/completions/orders-lab
  zsh         _orders-lab, in a folder of $fpath
  fish        ~/.config/fish/completions/orders-lab.fish
  powershell  anywhere, and dot-source it in $PROFILE
  elvish      anywhere, and `eval (slurp < FILE)` in rc.elv

Examples:
  orders-lab completions bash            print it
  orders-lab completions --dir completions
                                         write those of all shells into a folder";

pub(super) const MAN: &str = "\
Examples:
  orders-lab man | man -l -              show the main page
  orders-lab man --dir ~/.local/share/man/man1
                                         install a page for each command";

pub(super) const LOCAL: &str = "\
Examples:
  orders-lab local status
  orders-lab local fast-forward 30s      do not wait for a visibility timeout
  orders-lab local chaos severe          make it behave as AWS on a bad day";

pub(super) const LOCAL_STATUS: &str = "\
Examples:
  orders-lab local status
  orders-lab local status --json         the same for scripts";

pub(super) const LOCAL_START: &str = "\
Examples:
  orders-lab local start
  orders-lab local start --speed 1       the queues' waits as long as on AWS
  orders-lab local start --port 4566     the port where other tools expect it";

pub(super) const LOCAL_STOP: &str = "\
Examples:
  orders-lab local stop                  the next command starts it again
  orders-lab local stop --force          kills it if it does not answer";

pub(super) const LOCAL_RESET: &str = "\
Examples:
  orders-lab local reset                 asks first
  orders-lab local reset --yes";

pub(super) const LOCAL_SERVE: &str = "\
Examples:
  orders-lab local serve                 Ctrl-C stops it and keeps everything
  orders-lab local serve --port 4566 --verbose";

pub(super) const LOCAL_CHAOS: &str = "\
Settings of --set:
  role-delay, table-delay, function-delay, mapping-delay
                         how long a change takes, in the queues' time: 8s,
                         500ms..8s
  queue-delay, attribute-delay, iam-delay, tag-delay, task-delay
                         how long a change of a queue, its attributes, a role,
                         tags or a move task takes to be visible everywhere
  log-delay              how long a log line takes to reach its log group
  stale-counts           how old a queue's counts are, in the queues' time
  repeated, disordered   how likely a message is delivered twice, or out of
                         order: 0 to 1
  throttled, failed, lost, latency
                         how likely a request is throttled, fails, or takes
                         effect with its reply lost, and how long it takes (in
                         real time); for some requests only, after their names:
                         sqs:SendMessage.throttled=0.5, lambda:*.latency=200ms

Examples:
  orders-lab local chaos                 show the current profile
  orders-lab local chaos aws             delays as on AWS
  orders-lab local chaos severe --seed 7  the same bad day each time
  orders-lab local chaos off --set dynamodb:*.throttled=0.2";

pub(super) const LOCAL_FAST_FORWARD: &str = "\
Examples:
  orders-lab local fast-forward 30s      past a visibility timeout
  orders-lab local fast-forward 12h";
