function __fish_orders_lab_list
	set -l typed (commandline -ct | string replace -r '^--[^=]*=' '' | string replace -r '[^,]*$' '')
	printf '%s\n' "$typed"$argv
end

# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_orders_lab_global_optspecs
    string join \n target= lab= profile= region= expect-account= y/yes json progress= q/quiet v/verbose color= h/help V/version
end

function __fish_orders_lab_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_orders_lab_global_optspecs) -- $cmd 2>/dev/null
    or argparse -s (__fish_orders_lab_global_optspecs) -- $cmd '' 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_orders_lab_using_subcommand
    set -l cmd (__fish_orders_lab_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c orders-lab -n "__fish_orders_lab_needs_command" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_needs_command" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_needs_command" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_needs_command" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_needs_command" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_needs_command" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_needs_command" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_needs_command" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "demo" -d 'Run the whole lab in one go: build it, send orders, inspect, account for all, remove it'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "up" -d 'Create or complete the lab'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "provision" -d 'Create or complete the lab'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "simulate" -d 'Send orders and follow each until it is stored or dead-lettered'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "status" -d 'Show what the lab holds and what to do next'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "dlq" -d 'Show the dead letters and why each is dead; leaves them in the queue'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "dlq-inspect" -d 'Show the dead letters and why each is dead; leaves them in the queue'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "redrive" -d 'Move the dead letters back to the orders queue'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "audit" -d 'Account for every order of the recorded runs'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "logs" -d 'Show the functions\' logs'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "down" -d 'Remove the lab and verify that it is gone'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "cleanup" -d 'Remove the lab and verify that it is gone'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "list" -d 'List the labs of the account and region, with owner and age'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "policy" -d 'Print the IAM policy that the person running this needs, or a function\'s'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "env" -d 'Print shell exports that point any AWS tool at the lab\'s target'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "local" -d 'Manage the local cloud'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "doctor" -d 'Check the setup and say how to fix problems'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "cost" -d 'Estimate what a run and an idle lab cost on AWS, without calling it'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c orders-lab -n "__fish_orders_lab_needs_command" -f -a "man" -d 'Print the main manual page, or write the pages of all commands'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand demo" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l handlers -d 'Use the handler builds in this folder instead of the embedded ones, now and in later runs of `up`; \'\' returns to the embedded ones' -r -f -a "(__fish_complete_directories)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l speed -d 'How many times faster than on AWS the local queues\' waits pass: 1 to 1000 [default: as before, at first 10]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l function-endpoint -d 'The URL under which the functions reach a server that is compatible with AWS, where it is not AWS_ENDPOINT_URL; \'\' for that one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l visibility-timeout -d 'How long a received order stays hidden: 0 to 43200 [default: as before, at first 30]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l max-receives -d 'How often an order is received before it is dead-lettered: 1 to 1000; AWS recommends 5 or more [default: as before, at first 3]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l batch-size -d 'How many orders the trigger passes on at once: 1 to 10000 [default: as before, at first 10]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l batch-window -d 'How long the trigger waits for a full batch: 0 to 300 [default: as before, at first 0]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l max-concurrency -d 'How many batches the trigger processes concurrently: 2 to 1000, or none [default: as before, at first none]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l memory -d 'Each function\'s memory: 128 to 10240 [default: as before, at first 256]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l timeout -d 'The processor\'s timeout: 1 to 900, at most the visibility timeout [default: as before, at first 5]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l arch -d 'The functions\' architecture [default: as before, at first that of the handler builds]' -r -f -a "x86_64\t''
arm64\t''"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l billing -d 'How the table is billed: on-demand, provisioned, or provisioned:R,W [default: as before, at first on-demand]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l log-retention -d 'How many days logs are kept, or none to keep them forever [default: as before, at first none]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l plan -d 'Show what would be done, and change nothing; exits with 1 when there is something to do'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l adopt -d 'Take over resources that have the lab\'s names but not its tag'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l show-commands -d 'Print each call that changes something as the AWS CLI command that does the same, on stderr; with --plan, print on stdout the shell script that does what `up` would do'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand up" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l handlers -d 'Use the handler builds in this folder instead of the embedded ones, now and in later runs of `up`; \'\' returns to the embedded ones' -r -f -a "(__fish_complete_directories)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l speed -d 'How many times faster than on AWS the local queues\' waits pass: 1 to 1000 [default: as before, at first 10]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l function-endpoint -d 'The URL under which the functions reach a server that is compatible with AWS, where it is not AWS_ENDPOINT_URL; \'\' for that one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l visibility-timeout -d 'How long a received order stays hidden: 0 to 43200 [default: as before, at first 30]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l max-receives -d 'How often an order is received before it is dead-lettered: 1 to 1000; AWS recommends 5 or more [default: as before, at first 3]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l batch-size -d 'How many orders the trigger passes on at once: 1 to 10000 [default: as before, at first 10]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l batch-window -d 'How long the trigger waits for a full batch: 0 to 300 [default: as before, at first 0]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l max-concurrency -d 'How many batches the trigger processes concurrently: 2 to 1000, or none [default: as before, at first none]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l memory -d 'Each function\'s memory: 128 to 10240 [default: as before, at first 256]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l timeout -d 'The processor\'s timeout: 1 to 900, at most the visibility timeout [default: as before, at first 5]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l arch -d 'The functions\' architecture [default: as before, at first that of the handler builds]' -r -f -a "x86_64\t''
arm64\t''"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l billing -d 'How the table is billed: on-demand, provisioned, or provisioned:R,W [default: as before, at first on-demand]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l log-retention -d 'How many days logs are kept, or none to keep them forever [default: as before, at first none]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l plan -d 'Show what would be done, and change nothing; exits with 1 when there is something to do'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l adopt -d 'Take over resources that have the lab\'s names but not its tag'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l show-commands -d 'Print each call that changes something as the AWS CLI command that does the same, on stderr; with --plan, print on stdout the shell script that does what `up` would do'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand provision" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -s c -l count -d 'How many orders to send' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l seed -d 'Random seed: the same seed gives the same orders; by default a new one, which is shown' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l fault-rate -d 'The share of bad orders, 0 to 1; above 0, at least one is bad' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l faults -d 'What is wrong with bad orders, separated by commas' -r -f -a "(__fish_orders_lab_list price_err\t'the price is the text err' missing_field\t'a field is missing' wrong_type\t'a field has a value of another type' broken_json\t'the body is not valid JSON' empty_object\t'the body is {}' number_as_text\t'a number is written as text' all\t'each of them, equally likely')"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l timeout -d 'How long to follow them at most' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l no-wait -d 'Do not follow the orders'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l show-commands -d 'Print each call that changes something as the AWS CLI command that does the same, on stderr'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand simulate" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -l show-commands -d 'Print each call as the AWS CLI command that does the same, on stderr'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand status" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l queue -d 'Another queue of the account, by name, URL or ARN [default: the lab\'s dead-letter queue]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l limit -d 'How many to show at most [default: as many as the terminal has room for, elsewhere all]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l group-by -d 'Group by the value of a JMESPath expression, for example body.type [default: by reason]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l id -d 'Only the message with this id' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l order -d 'Only orders with this number' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l reason -d 'Only orders with this reason, for example price_err' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l run -d 'Only orders of this run' -r -f -a "(orders-lab __runs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l since -d 'Only messages sent since then: 10m ago, or 2026-11-24T18:26:42Z' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l until -d 'Only messages sent before then' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l attribute -d 'Only messages with this attribute, and with this value if one is given' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l match -d 'Only messages whose body contains TEXT, or matches /REGEX/' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l where -d 'Only messages for which a JMESPath expression is true, for example "body.num_items > 3 && body.type == \'new\'": texts stand in single quotes' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l full -d 'Show the bodies too'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l why -d 'Show each failed attempt too: when, in which invocation, and the error'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -f -a "export" -d 'Write messages to a file, a line of JSON for each; leaves them in the queue'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -f -a "import" -d 'Send the messages of a file that `dlq export` has written'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -f -a "copy" -d 'Send copies of messages to another queue; leaves them in the queue'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -f -a "delete" -d 'Delete the selected messages'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and not __fish_seen_subcommand_from export import copy delete purge" -f -a "purge" -d 'Delete all messages of a queue'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l queue -d 'Another queue of the account, by name, URL or ARN [default: the lab\'s dead-letter queue]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l limit -d 'How many messages at most' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l id -d 'Only the message with this id' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l order -d 'Only orders with this number' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l reason -d 'Only orders with this reason, for example price_err' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l run -d 'Only orders of this run' -r -f -a "(orders-lab __runs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l since -d 'Only messages sent since then: 10m ago, or 2026-11-24T18:26:42Z' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l until -d 'Only messages sent before then' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l attribute -d 'Only messages with this attribute, and with this value if one is given' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l match -d 'Only messages whose body contains TEXT, or matches /REGEX/' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l where -d 'Only messages for which a JMESPath expression is true, for example "body.num_items > 3 && body.type == \'new\'": texts stand in single quotes' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -l to -d 'The queue to send to, by name, URL or ARN [default: the lab\'s dead-letter queue]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -l from-line -d 'Begin with this line, for example where an earlier import was interrupted' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l to -d 'The queue that gets the copies, by name, URL or ARN' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l queue -d 'Another queue of the account, by name, URL or ARN [default: the lab\'s dead-letter queue]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l limit -d 'How many messages at most' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l id -d 'Only the message with this id' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l order -d 'Only orders with this number' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l reason -d 'Only orders with this reason, for example price_err' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l run -d 'Only orders of this run' -r -f -a "(orders-lab __runs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l since -d 'Only messages sent since then: 10m ago, or 2026-11-24T18:26:42Z' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l until -d 'Only messages sent before then' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l attribute -d 'Only messages with this attribute, and with this value if one is given' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l match -d 'Only messages whose body contains TEXT, or matches /REGEX/' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l where -d 'Only messages for which a JMESPath expression is true, for example "body.num_items > 3 && body.type == \'new\'": texts stand in single quotes' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from copy" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l queue -d 'Another queue of the account, by name, URL or ARN [default: the lab\'s dead-letter queue]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l limit -d 'How many messages at most' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l id -d 'Only the message with this id' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l order -d 'Only orders with this number' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l reason -d 'Only orders with this reason, for example price_err' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l run -d 'Only orders of this run' -r -f -a "(orders-lab __runs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l since -d 'Only messages sent since then: 10m ago, or 2026-11-24T18:26:42Z' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l until -d 'Only messages sent before then' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l attribute -d 'Only messages with this attribute, and with this value if one is given' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l match -d 'Only messages whose body contains TEXT, or matches /REGEX/' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l where -d 'Only messages for which a JMESPath expression is true, for example "body.num_items > 3 && body.type == \'new\'": texts stand in single quotes' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from delete" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l queue -d 'Another queue of the account, by name, URL or ARN [default: the lab\'s dead-letter queue]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq; and __fish_seen_subcommand_from purge" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l queue -d 'Another queue of the account, by name, URL or ARN [default: the lab\'s dead-letter queue]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l limit -d 'How many to show at most [default: as many as the terminal has room for, elsewhere all]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l group-by -d 'Group by the value of a JMESPath expression, for example body.type [default: by reason]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l id -d 'Only the message with this id' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l order -d 'Only orders with this number' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l reason -d 'Only orders with this reason, for example price_err' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l run -d 'Only orders of this run' -r -f -a "(orders-lab __runs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l since -d 'Only messages sent since then: 10m ago, or 2026-11-24T18:26:42Z' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l until -d 'Only messages sent before then' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l attribute -d 'Only messages with this attribute, and with this value if one is given' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l match -d 'Only messages whose body contains TEXT, or matches /REGEX/' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l where -d 'Only messages for which a JMESPath expression is true, for example "body.num_items > 3 && body.type == \'new\'": texts stand in single quotes' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l full -d 'Show the bodies too'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l why -d 'Show each failed attempt too: when, in which invocation, and the error'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -f -a "export" -d 'Write messages to a file, a line of JSON for each; leaves them in the queue'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -f -a "import" -d 'Send the messages of a file that `dlq export` has written'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -f -a "copy" -d 'Send copies of messages to another queue; leaves them in the queue'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -f -a "delete" -d 'Delete the selected messages'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and not __fish_seen_subcommand_from export import copy delete purge" -f -a "purge" -d 'Delete all messages of a queue'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l queue -d 'Another queue of the account, by name, URL or ARN [default: the lab\'s dead-letter queue]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l limit -d 'How many messages at most' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l id -d 'Only the message with this id' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l order -d 'Only orders with this number' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l reason -d 'Only orders with this reason, for example price_err' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l run -d 'Only orders of this run' -r -f -a "(orders-lab __runs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l since -d 'Only messages sent since then: 10m ago, or 2026-11-24T18:26:42Z' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l until -d 'Only messages sent before then' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l attribute -d 'Only messages with this attribute, and with this value if one is given' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l match -d 'Only messages whose body contains TEXT, or matches /REGEX/' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l where -d 'Only messages for which a JMESPath expression is true, for example "body.num_items > 3 && body.type == \'new\'": texts stand in single quotes' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -l to -d 'The queue to send to, by name, URL or ARN [default: the lab\'s dead-letter queue]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -l from-line -d 'Begin with this line, for example where an earlier import was interrupted' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l to -d 'The queue that gets the copies, by name, URL or ARN' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l queue -d 'Another queue of the account, by name, URL or ARN [default: the lab\'s dead-letter queue]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l limit -d 'How many messages at most' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l id -d 'Only the message with this id' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l order -d 'Only orders with this number' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l reason -d 'Only orders with this reason, for example price_err' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l run -d 'Only orders of this run' -r -f -a "(orders-lab __runs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l since -d 'Only messages sent since then: 10m ago, or 2026-11-24T18:26:42Z' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l until -d 'Only messages sent before then' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l attribute -d 'Only messages with this attribute, and with this value if one is given' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l match -d 'Only messages whose body contains TEXT, or matches /REGEX/' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l where -d 'Only messages for which a JMESPath expression is true, for example "body.num_items > 3 && body.type == \'new\'": texts stand in single quotes' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from copy" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l queue -d 'Another queue of the account, by name, URL or ARN [default: the lab\'s dead-letter queue]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l limit -d 'How many messages at most' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l id -d 'Only the message with this id' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l order -d 'Only orders with this number' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l reason -d 'Only orders with this reason, for example price_err' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l run -d 'Only orders of this run' -r -f -a "(orders-lab __runs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l since -d 'Only messages sent since then: 10m ago, or 2026-11-24T18:26:42Z' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l until -d 'Only messages sent before then' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l attribute -d 'Only messages with this attribute, and with this value if one is given' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l match -d 'Only messages whose body contains TEXT, or matches /REGEX/' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l where -d 'Only messages for which a JMESPath expression is true, for example "body.num_items > 3 && body.type == \'new\'": texts stand in single quotes' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from delete" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -l queue -d 'Another queue of the account, by name, URL or ARN [default: the lab\'s dead-letter queue]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand dlq-inspect; and __fish_seen_subcommand_from purge" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l timeout -d 'How long to follow them at most' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l set -d 'Put a value into each body, for example body.price_per_item=125.0; what is not JSON is a string' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l unset -d 'Remove a member from each body' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l limit -d 'How many messages at most' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l rate -d 'How many messages a second at most' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l id -d 'Only the message with this id' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l order -d 'Only orders with this number' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l reason -d 'Only orders with this reason, for example price_err' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l run -d 'Only orders of this run' -r -f -a "(orders-lab __runs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l since -d 'Only messages sent since then: 10m ago, or 2026-11-24T18:26:42Z' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l until -d 'Only messages sent before then' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l attribute -d 'Only messages with this attribute, and with this value if one is given' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l match -d 'Only messages whose body contains TEXT, or matches /REGEX/' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l where -d 'Only messages for which a JMESPath expression is true, for example "body.num_items > 3 && body.type == \'new\'": texts stand in single quotes' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l no-wait -d 'Do not follow the orders once they are moved'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l dry-run -d 'Show what would be sent, and send nothing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l resume -d 'Go on with a redrive that was interrupted'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l abandon -d 'Give up a redrive that was interrupted: what was not moved stays where it is'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l show-commands -d 'Print each call that changes something as the AWS CLI command that does the same, on stderr'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand redrive" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -l run -d 'Account for this run alone' -r -f -a "(orders-lab __runs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand audit" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -l since -d 'Only lines from the last TIME, for example 10m' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -l order -d 'Only what concerns the order with this number' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -s f -l follow -d 'Keep showing new lines until interrupted'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -l errors -d 'Only what went wrong: refused orders, errors and timeouts'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -l raw -d 'The lines as CloudWatch has them, with the times in UTC'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -l older-than -d 'With --all: only labs that were built longer ago than this, for example 2d' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -l all -d 'Remove every lab of the account and region, not only this one'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -l show-commands -d 'Print each call that changes something as the AWS CLI command that does the same, on stderr'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand down" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -l older-than -d 'With --all: only labs that were built longer ago than this, for example 2d' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -l all -d 'Remove every lab of the account and region, not only this one'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -l show-commands -d 'Print each call that changes something as the AWS CLI command that does the same, on stderr'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cleanup" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand list" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -l queue -d 'With `operator`: for this queue too, which `dlq --queue` reads; who only looks does without its statement OtherQueuesChange' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -l all -d 'With `operator`: for every lab of the account and region, not only this one'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand env" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -f -a "status" -d 'Show whether the local cloud runs, where, and how'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -f -a "start" -d 'Start the local cloud in the background, as other commands do when they need it'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -f -a "stop" -d 'Stop the local cloud; everything in it is kept'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -f -a "reset" -d 'Stop the local cloud and remove everything in it'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -f -a "serve" -d 'Run the local cloud in the foreground'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -f -a "chaos" -d 'Inject delays and failures: none, those usual on AWS, or severe ones'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and not __fish_seen_subcommand_from status start stop reset serve chaos fast-forward" -f -a "fast-forward" -d 'Skip a wait: all happens at once that would have happened in this time'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -l speed -d 'How many times faster than on AWS the queues\' waits pass: 1 to 1000 [default: as before, at first 10]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -l port -d 'The port on 127.0.0.1 [default: as before, at first a free one]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from start" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -l force -d 'Kill it if it does not answer'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from stop" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from reset" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -l speed -d 'How many times faster than on AWS the queues\' waits pass: 1 to 1000 [default: as before, at first 10]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -l port -d 'The port on 127.0.0.1 [default: as before, at first a free one]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from serve" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -l seed -d 'Random seed: the same seed gives the same failures' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -l set -d 'Change one setting; may be given several times' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from fast-forward" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -s c -l count -d 'How many orders the run sends, one in ten of them bad' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l days -d 'How long the lab stands idle, in days of 24 hours' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l visibility-timeout -d 'How long a received order stays hidden: 0 to 43200 [default: 30]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l max-receives -d 'How often an order is received before it is dead-lettered: 1 to 1000; AWS recommends 5 or more [default: 3]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l batch-size -d 'How many orders the trigger passes on at once: 1 to 10000 [default: 10]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l batch-window -d 'How long the trigger waits for a full batch: 0 to 300 [default: 0]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l max-concurrency -d 'How many batches the trigger processes concurrently: 2 to 1000, or none [default: none]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l memory -d 'Each function\'s memory: 128 to 10240 [default: 256]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l timeout -d 'The processor\'s timeout: 1 to 900, at most the visibility timeout [default: 5]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l arch -d 'The functions\' architecture [default: that of the handler builds]' -r -f -a "x86_64\t''
arm64\t''"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l billing -d 'How the table is billed: on-demand, provisioned, or provisioned:R,W [default: on-demand]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l log-retention -d 'How many days logs are kept, or none to keep them forever [default: none]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand cost" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -l dir -d 'Write the scripts of all shells into this folder instead' -r -f -a "(__fish_complete_directories)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -s V -l version -d 'Print version'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -l dir -d 'Write the pages of all commands into this folder instead' -r -f -a "(__fish_complete_directories)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -l target -d 'Where to act: in the local cloud, or on AWS with your credentials [default: where the lab was built, else the local cloud]' -r -f -a "local\t'The local cloud inside this program'
aws\t'AWS, or any endpoint that the environment names as AWS'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -l lab -d 'Which lab; the resources of every lab but the default one have its name as a prefix' -r -f -a "(orders-lab __labs 2>/dev/null)"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -l profile -d 'The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -l region -d 'The AWS region [default: where the lab was built, else that of the environment or the profile, else us-east-1]' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -l expect-account -d 'Refuse to act on any AWS account but this one' -r -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -l progress -d 'How to show progress on stderr' -r -f -a "auto\t'Bars in a terminal, lines elsewhere'
bar\t'Bars and spinners, where there is a terminal'
plain\t'Plain lines'
none\t'Nothing but warnings, and which AWS account is acted on'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -l color -d 'When to use colours; NO_COLOR is honoured' -r -f -a "auto\t'In a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -s y -l yes -d 'Answer yes to every question: to acting on this AWS account, and to removing'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -l json -d 'Print one JSON document on stdout'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -s q -l quiet -d 'Show no progress and no next step, only results, warnings, errors, and which AWS account is acted on'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -s v -l verbose -d 'Show each call to AWS on stderr, those that recur with a count: what it is about, its status and time, the attempt, the request id; RUST_LOG shows what the SDK does'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orders-lab -n "__fish_orders_lab_using_subcommand man" -s V -l version -d 'Print version'
complete -c orders-lab -f
complete -c orders-lab -n "__fish_orders_lab_using_subcommand logs" -f -a "simulator processor"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand policy" -f -a "operator simulator processor"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand local; and __fish_seen_subcommand_from chaos" -f -a "off aws severe"
complete -c orders-lab -n "__fish_orders_lab_using_subcommand completions" -f -a "bash elvish fish powershell zsh"
