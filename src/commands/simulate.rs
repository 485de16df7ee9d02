//! `simulate`: sends orders through the simulator and follows them to their ends.

use std::str::FromStr as _;
use std::time::Duration;

use clap::Args;
use order::{Block, Fault, Faults, Plan};
use tokio::time::Instant;

use super::audit::{sentence, take};
use super::cost::with_run_costs;
use crate::aws::{AwsFailure, Class};
use crate::context::{Context, Intent, Surroundings};
use crate::costs;
use crate::drive::audit::Account;
use crate::drive::look::Look;
use crate::drive::record::{self, Header, Recorder};
use crate::drive::simulate::send;
use crate::error::CommandError;
use crate::globals::parse_duration;
use crate::host::Start;
use crate::provision::recorded;
use crate::ui::{Count, Event, Report, Table};
use crate::world;

/// The pause between two looks at the queues.
const PAUSE: Duration = Duration::from_millis(200);

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
    surroundings: &Surroundings,
) -> Result<Report, CommandError> {
    let mut context = surroundings
        .connect(Start::default(), Intent::Change)
        .await?;
    let look = Look::at(&context).await?;
    let dead_before = look.depth(&look.dead_url).await?.total();
    let (mut recorder, header) = Recorder::begin(&context.memory(), |runs| plan(args, runs))?;
    context
        .events()
        .note(format!("Run {}, seed {}.", header.run, header.plan.seed));
    let began = Instant::now();
    let events = context.events().clone();
    let sent = send(&mut context, &mut recorder, &header, |sent| {
        events.send(Event::Counts(vec![Count {
            label: "sent",
            done: sent,
            of: header.count,
        }]));
    })
    .await?;
    if context.cancel().is_cancelled() {
        return Err(detached(&header, sent));
    }
    let mut follower = Follower {
        look,
        header: &header,
        dead_before,
        ends: Instant::now() + args.timeout,
    };
    let account = if args.no_wait {
        None
    } else {
        follower.follow(&mut context).await?
    };
    let account = match account {
        Some(account) => account,
        None => follower.account(&context).await?,
    };
    let followed = began.elapsed();
    let report = report(&header, &account, args.no_wait, followed);
    if context.target.is_local() {
        return Ok(report);
    }
    let run = costs::Run {
        orders: account.sent,
        bad: account.bad,
        followed,
    };
    Ok(with_run_costs(report, &recorded(&context).await?, &run))
}

/// The new run: a name, a seed, and a block of numbers that no recorded run has.
fn plan(args: &SimulateArgs, runs: &[record::Run]) -> Result<Header, CommandError> {
    let taken: Vec<Block> = runs.iter().map(|run| run.header.plan.block).collect();
    let block = Block::allocate(&taken, args.count, world::random_u64()).ok_or_else(|| {
        CommandError::environment(
            "the recorded runs of this lab leave no block of order numbers free",
        )
        .hint("`orders-lab down` removes the lab with its runs; `orders-lab up` begins anew.")
    })?;
    // A seed that a double holds exactly, so that every JSON reader gets it back as it is.
    let seed = args.seed.unwrap_or_else(|| world::random_u64() >> 32);
    let faults = Faults {
        rate: args.fault_rate,
        kinds: args.faults.0.clone(),
    };
    let now = world::now_ms();
    let started = i64::try_from(now)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let date = started.map_or_else(
        || now.to_string(),
        |date| date.strftime("%Y%m%d-%H%M%S").to_string(),
    );
    let run = format!("{date}-{:04x}", world::random_u64() >> 48);
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

fn detached(header: &Header, sent: u64) -> CommandError {
    CommandError::interrupted(format!(
        "interrupted; {sent} of {} orders are sent and go on",
        header.count
    ))
    .hint(format!(
        "`orders-lab audit --run {}` tells where they are.",
        header.run
    ))
}

/// Follows a run's orders.
struct Follower<'a> {
    look: Look,
    header: &'a Header,
    dead_before: u64,
    ends: Instant,
}

impl Follower<'_> {
    /// Follows until every order is where it will stay; `None` when time is up before.
    async fn follow(&mut self, context: &mut Context<'_>) -> Result<Option<Account>, CommandError> {
        loop {
            match self.step(context).await {
                Ok(Some(account)) => return Ok(Some(account)),
                Ok(None) => {}
                Err(Halt::Call(problem))
                    if problem.class == Class::Unreachable && context.target.is_local() =>
                {
                    context
                        .events()
                        .note("The local cloud has gone; starting it again.");
                    *context = context.reconnect().await?;
                    self.look = Look::at(context).await?;
                }
                Err(Halt::Call(problem)) if !problem.may_pass() => return Err(problem.into()),
                Err(Halt::Call(_)) => {}
                Err(Halt::Command(error)) => return Err(error),
            }
            if Instant::now() >= self.ends {
                return Ok(None);
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = context.cancel().cancelled() => return Err(detached(self.header, self.header.count)),
            }
        }
    }

    /// Looks once; the account when it seems that all is settled, and is.
    async fn step(&self, context: &Context<'_>) -> Result<Option<Account>, Halt> {
        let orders = self.look.depth(&self.look.orders_url).await?;
        let dead = self
            .look
            .depth(&self.look.dead_url)
            .await?
            .total()
            .saturating_sub(self.dead_before);
        let count = self.header.count;
        let gone = count.saturating_sub(orders.total());
        let counts = [
            ("sent", count),
            ("stored", gone.saturating_sub(dead)),
            // What is left once the others are through is what has failed and is tried again.
            ("retrying", orders.in_flight.min(count)),
            ("dead-lettered", dead.min(count)),
        ];
        let counts = counts.map(|(label, done)| Count {
            label,
            done,
            of: count,
        });
        context.events().send(Event::Counts(counts.to_vec()));
        if orders.total() > 0 {
            return Ok(None);
        }
        let account = self.account(context).await.map_err(Halt::Command)?;
        // Counts of AWS lag behind; what is found, is found.
        Ok(Some(account).filter(Account::is_settled))
    }

    async fn account(&self, context: &Context<'_>) -> Result<Account, CommandError> {
        let runs = record::load(&context.memory())?;
        take(context, &self.look, runs, Some(&self.header.run)).await
    }
}

/// Why a look failed.
enum Halt {
    Call(AwsFailure),
    Command(CommandError),
}

impl From<AwsFailure> for Halt {
    fn from(failure: AwsFailure) -> Self {
        Self::Call(failure)
    }
}

fn report(header: &Header, account: &Account, no_wait: bool, took: Duration) -> Report {
    let rate = header.count as f64 / took.as_secs_f64();
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
    let waiting = account.waiting + account.in_flight;
    let counts = [
        account.sent,
        account.good,
        account.bad,
        account.stored,
        account.dead_lettered,
        waiting,
    ];
    table.row(std::iter::once(header.run.clone()).chain(counts.map(|count| count.to_string())));
    let settled = no_wait || account.is_settled();
    let report = Report::good()
        .passed(settled && account.is_clean())
        .with("run", &header.run)
        .with("seed", header.plan.seed)
        .with("sent", account.sent)
        .with("good", account.good)
        .with("bad", account.bad)
        .with("stored", account.stored)
        .with("dead_lettered", account.dead_lettered)
        .with("waiting", account.waiting)
        .with("in_flight", account.in_flight)
        .with("orders_per_second", rate)
        .table(table)
        .text(sentence(account));
    if settled {
        return report.text("Next: `orders-lab dlq` shows the dead letters, `orders-lab audit` accounts for all runs.");
    }
    report.text(format!(
        "Time is up; the orders go on. `orders-lab audit --run {}` tells where they are.",
        header.run
    ))
}
