//! `simulate`: sends orders through the simulator and follows them to their ends.

use std::str::FromStr as _;
use std::time::Duration;

use clap::Args;
use order::{Block, Fault, Faults, Plan};
use tokio::time::Instant;

use super::account::{
    AuditError, KnownLetters, audit_once, believed, is_lagging, look_every, pause, settle_check,
};
use super::audit::sentence;
use super::cost::with_run_costs;
use crate::aws::Class;
use crate::context::{CommandEnv, Context, Intent};
use crate::costs;
use crate::drive::audit::RunAudit;
use crate::drive::reader::LabReader;
use crate::drive::record::{self, Header, Recorder};
use crate::drive::settle::{SettleCheck, SettleStatus};
use crate::drive::simulate::send;
use crate::error::CommandError;
use crate::globals::parse_duration;
use crate::host::Start;
use crate::provision::lab_settings;
use crate::system;
use crate::ui::{Count, Event, Report, Table, counted};

/// Flags of `simulate`.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// How many orders to send
    #[arg(long, short, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(super) count: u64,
    /// Draw the same orders again; a new number is drawn, and shown, where none is given
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// The share of bad orders, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = share)]
    pub(super) fault_rate: f64,
    /// What is wrong with bad orders: a list of price_err, missing_field, wrong_type, broken_json,
    /// empty_object, number_as_text; or all
    #[arg(long, value_name = "FAULTS", default_value = "price_err", value_parser = faults)]
    pub(super) faults: FaultList,
    /// Do not follow the orders
    #[arg(long)]
    pub(super) no_wait: bool,
    /// How long to follow them at the most
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_duration)]
    pub(super) timeout: Duration,
}

/// The faults asked for.
#[derive(Debug, Clone)]
pub(super) struct FaultList(Vec<Fault>);

impl SimulateArgs {
    /// The lab's own run: 20 orders, one in ten bad.
    pub(super) fn lab() -> Self {
        Self {
            count: 20,
            seed: None,
            fault_rate: 0.1,
            faults: FaultList(vec![Fault::PriceErr]),
            no_wait: false,
            timeout: Duration::from_secs(600),
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share = text
        .parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "give a share from 0 to 1, such as 0.1".to_owned())
}

fn faults(text: &str) -> Result<FaultList, String> {
    if text == "all" {
        return Ok(FaultList(Fault::ALL.to_vec()));
    }
    let known = Fault::ALL.map(Fault::name).join(", ");
    let parsed: Result<Vec<Fault>, _> = text
        .split(',')
        .map(|name| Fault::from_str(name.trim()))
        .collect();
    parsed
        .map(FaultList)
        .map_err(|problem| format!("{problem}; there are {known}, and all"))
}

pub(super) async fn simulate(
    args: &SimulateArgs,
    env: &CommandEnv,
) -> Result<Report, CommandError> {
    let mut context = env.connect(Start::default(), Intent::Change).await?;
    let reader = LabReader::at(&context).await?;
    let dead_before = reader.depth(&reader.dead_url).await?.total();
    let (mut recorder, header) =
        Recorder::begin(&context.lab_directory(), |runs| plan(args, runs, &context))?;
    context
        .events()
        .note(format!("Run {}, seed {}.", header.run, header.plan.seed));
    let began = Instant::now();
    let events = context.events().clone();
    let sent = send(&mut context, &mut recorder, &header, |sent| {
        events.send(counts(header.count, [("sent", sent)]));
    })
    .await?;
    if context.cancel().is_cancelled() {
        return Err(detached(&context, &header, sent));
    }
    let mut follower = Follower {
        reader,
        header: &header,
        dead_before,
        settling: settle_check(&context).await,
        known: KnownLetters::default(),
        began: Instant::now(),
    };
    let account = if args.no_wait {
        follower
            .account(&context)
            .await
            .map(RunAudit::none_missing_yet)
    } else {
        follower.follow(&mut context, args.timeout).await
    };
    let account = account.map_err(|error| follower.error(error, &context))?;
    let followed = began.elapsed();
    let report = report(&context, &header, &account, args.no_wait).with(
        "orders_per_second",
        header.count as f64 / followed.as_secs_f64(),
    );
    let report = if context.target.is_local() {
        report
    } else {
        let run = costs::Run {
            orders: account.sent,
            bad: account.bad,
            followed,
        };
        with_run_costs(report, &lab_settings(&context).await?, &run)
    };
    Ok(report.text(next(&context, &header, account.is_settled(), args.no_wait)))
}

/// The new run: a name, a seed, and a block of numbers that no recorded run has.
fn plan(
    args: &SimulateArgs,
    runs: &[record::Run],
    context: &Context<'_>,
) -> Result<Header, CommandError> {
    let taken: Vec<Block> = runs.iter().map(|run| run.header.plan.block).collect();
    let block = Block::allocate(&taken, args.count, system::random_u64()).ok_or_else(|| {
        CommandError::environment(
            "the recorded runs of this lab leave no block of order numbers free",
        )
        .hint(format!(
            "{} removes the lab with its runs; {} begins anew.",
            context.command("down"),
            context.command("up")
        ))
    })?;
    // A seed that a double holds exactly, so that every JSON reader gets it back as it is.
    let seed = args.seed.unwrap_or_else(|| system::random_u64() >> 32);
    let faults = Faults {
        rate: args.fault_rate,
        kinds: args.faults.0.clone(),
    };
    let now = system::now_ms();
    let started = i64::try_from(now)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let date = started.map_or_else(
        || now.to_string(),
        |date| date.strftime("%Y%m%d-%H%M%S").to_string(),
    );
    let run = format!("{date}-{:04x}", system::random_u64() >> 48);
    Ok(Header::new(
        run,
        Plan {
            seed,
            block,
            faults,
        },
        args.count,
        now,
    ))
}

/// The error of a run that the user does not wait for any more.
fn detached(context: &Context<'_>, header: &Header, sent: u64) -> CommandError {
    let are = if sent == 1 { "is" } else { "are" };
    CommandError::interrupted(format!(
        "interrupted; {sent} of {} {are} sent and on the way",
        counted(header.count, "order")
    ))
    .hint(format!(
        "{} tells where they are.",
        audit_of(context, header)
    ))
}

/// The command that accounts for this run.
fn audit_of(context: &Context<'_>, header: &Header) -> String {
    context.command(&format!("audit --run {}", header.run))
}

/// How far the orders of a run are.
fn counts(of: u64, done: impl IntoIterator<Item = (&'static str, u64)>) -> Event {
    let count = |(label, done): (&'static str, u64)| Count {
        label,
        done: done.min(of),
        of,
    };
    Event::Counts(done.into_iter().map(count).collect())
}

/// Follows a run's orders.
struct Follower<'a> {
    reader: LabReader,
    header: &'a Header,
    dead_before: u64,
    settling: SettleCheck,
    known: KnownLetters,
    began: Instant,
}

impl Follower<'_> {
    /// Follows until every order is where it will stay, or for so long.
    async fn follow(
        &mut self,
        context: &mut Context<'_>,
        timeout: Duration,
    ) -> Result<RunAudit, AuditError> {
        loop {
            let mut before_the_next = look_every(context);
            match self.step(context).await {
                Ok(Some(account)) if account.is_settled() => return Ok(account),
                Ok(Some(_)) => before_the_next = pause(context, self.began.elapsed()),
                Ok(None) => {}
                Err(AuditError::Call(problem))
                    if problem.class == Class::Unreachable && context.target.is_local() =>
                {
                    context
                        .events()
                        .note("The local cloud has gone; starting it again.");
                    *context = context.reconnect().await?;
                    self.reader = LabReader::at(context).await?;
                }
                Err(AuditError::Call(problem)) if problem.may_pass() => {}
                Err(error) => return Err(error),
            }
            if self.began.elapsed() >= timeout {
                let account = self.account(context).await?;
                let verdict = self.check(&account);
                return Ok(believed(account, verdict));
            }
            tokio::select! {
                () = tokio::time::sleep(before_the_next) => {}
                () = context.cancel().cancelled() => return Err(AuditError::Interrupted),
            }
        }
    }

    /// Looks once: at the queues, and where it seems that all is settled, at every order. Counts of
    /// AWS lag behind, so an empty queue says little; what is found, is found.
    async fn step(&mut self, context: &Context<'_>) -> Result<Option<RunAudit>, AuditError> {
        let orders = self.reader.depth(&self.reader.orders_url).await?;
        let count = self.header.count;
        if orders.total() > 0 {
            let dead = self.reader.depth(&self.reader.dead_url).await?.total();
            let dead = dead.saturating_sub(self.dead_before);
            let stored = count.saturating_sub(orders.total() + dead);
            // What is left once the others are through is what has failed and is tried again.
            self.tell(context, stored, orders.in_flight, dead);
            return Ok(None);
        }
        let account = self.account(context).await?;
        let coming = account.on_the_way() + account.missing.count;
        self.tell(context, account.stored, coming, account.dead_lettered);
        self.check(&account);
        Ok(Some(account))
    }

    fn tell(&self, context: &Context<'_>, stored: u64, retrying: u64, dead: u64) {
        let of = self.header.count;
        let done = [
            ("sent", of),
            ("stored", stored),
            ("retrying", retrying),
            ("dead-lettered", dead),
        ];
        context.events().send(counts(of, done));
    }

    fn check(&mut self, account: &RunAudit) -> SettleStatus {
        self.settling.check(account, self.began.elapsed())
    }

    async fn account(&mut self, context: &Context<'_>) -> Result<RunAudit, AuditError> {
        let lagging = is_lagging(&self.settling);
        let run = Some(&*self.header.run);
        audit_once(context, &self.reader, lagging, run, &mut self.known).await
    }

    /// The error of a run that cannot be followed.
    fn error(&self, error: AuditError, context: &Context<'_>) -> CommandError {
        match error {
            AuditError::Interrupted => detached(context, self.header, self.header.count),
            error => error.into_error(context).hint(format!(
                "All orders are sent and go on; {} tells where they are.",
                audit_of(context, self.header)
            )),
        }
    }
}

fn report(context: &Context<'_>, header: &Header, account: &RunAudit, no_wait: bool) -> Report {
    let mut table = Table::new([
        "Run",
        "Sent",
        "Good",
        "Bad",
        "Stored",
        "Dead-lettered",
        "Waiting",
    ])
    .numeric(1..=6);
    let counts = [
        account.sent,
        account.good,
        account.bad,
        account.stored,
        account.dead_lettered,
        account.on_the_way(),
    ];
    table.row(std::iter::once(header.run.clone()).chain(counts.map(|count| count.to_string())));
    let settled = account.is_settled();
    Report::good()
        .passed((settled || no_wait) && account.is_clean())
        .with("run", &header.run)
        .with("seed", header.plan.seed)
        .with("sent", account.sent)
        .with("good", account.good)
        .with("bad", account.bad)
        .with("stored", account.stored)
        .with("dead_lettered", account.dead_lettered)
        .with("waiting", account.waiting)
        .with("in_flight", account.in_flight)
        .with("hidden", account.hidden)
        .table(table)
        .text(sentence(account, &context.env.globals))
}

/// What to do after the run.
fn next(context: &Context<'_>, header: &Header, settled: bool, no_wait: bool) -> String {
    let where_they_are = audit_of(context, header);
    match (settled, no_wait) {
        (true, _) => format!(
            "Next: {} shows the dead letters, {} accounts for all runs.",
            context.command("dlq"),
            context.command("audit")
        ),
        (false, true) => format!("Next: {where_they_are} tells where they are."),
        (false, false) => {
            format!("Time is up; the orders go on. {where_they_are} tells where they are.")
        }
    }
}
