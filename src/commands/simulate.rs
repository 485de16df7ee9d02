//! `simulate`: sends orders through the simulator and follows them until each is stored or
//! dead-lettered.

use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use order::Fault;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::Instant;

use crate::audit::RunAudit;
use crate::audit::summary::sentence;
use crate::context::Context;
use crate::costs;
use crate::error::CommandError;
use crate::globals::{parse_duration, parse_number};
use crate::lab::{Lab, LabPoller, QueueClock};
use crate::provision::lab_costs::{LabCosts, run_costs};
use crate::provision::lab_settings;
use crate::runs::{Header, Recorder};
use crate::simulate::{Follower, RunProgress, RunRequest, Sender, audit_command, detached};
use crate::ui::{Cell, Report, Table, Tone, number};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab simulate                    20 orders, about one in ten of them bad
  orders-lab simulate --count 1000 --fault-rate 0.3 --faults all
  orders-lab simulate --seed 7           the same orders each time
  orders-lab simulate --no-wait          send them, and do not follow them";

/// Flags of `simulate`.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// How many orders to send
    #[arg(long, short, value_name = "N", default_value_t = 20, value_parser = parse_number::<u64>(1..=10_000_000))]
    pub(super) count: u64,
    /// Random seed: the same seed gives the same orders; by default a new one, which is shown
    #[arg(long, value_name = "N", value_parser = parse_number(0..=u64::MAX))]
    pub(super) seed: Option<u64>,
    /// The share of bad orders, 0 to 1; above 0, at least one is bad
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = share)]
    pub(super) fault_rate: f64,
    /// What is wrong with bad orders, separated by commas
    #[arg(long, value_name = "FAULTS", default_value = "price_err", value_delimiter = ',', value_parser = fault_names())]
    pub(super) faults: Vec<String>,
    /// Do not follow the orders
    #[arg(long)]
    pub(super) no_wait: bool,
    /// How long to follow them at most
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_duration)]
    pub(super) timeout: Duration,
    /// Print each call that changes something as the AWS CLI command that does the same, on stderr
    #[arg(long)]
    pub(super) show_commands: bool,
}

/// The value of `--faults` for every fault.
const ALL_FAULTS: &str = "all";

impl SimulateArgs {
    fn request(&self) -> RunRequest {
        RunRequest {
            count: self.count,
            seed: self.seed,
            fault_rate: self.fault_rate,
            faults: faults(&self.faults),
        }
    }

    /// The demo's run: 20 orders, one in ten bad.
    pub(super) fn demo() -> Self {
        Self {
            count: 20,
            seed: None,
            fault_rate: 0.1,
            faults: vec![Fault::PriceErr.name().to_owned()],
            no_wait: false,
            timeout: Duration::from_secs(600),
            show_commands: false,
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "give a share from 0 to 1, such as 0.1".to_owned())
}

/// The faults that `--faults` takes.
fn fault_names() -> PossibleValuesParser {
    let faults =
        Fault::ALL.map(|fault| PossibleValue::new(fault.name()).help(fault.reason().meaning()));
    let all = PossibleValue::new(ALL_FAULTS).help("each of them, equally likely");
    PossibleValuesParser::new(faults.into_iter().chain([all]))
}

/// The faults with these names.
fn faults(names: &[String]) -> Vec<Fault> {
    if names.iter().any(|name| name == ALL_FAULTS) {
        return Fault::ALL.to_vec();
    }
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

/// A run: what was sent, and where the orders are.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SimulateReport {
    /// The run's name.
    run: String,
    /// The seed that draws the same orders again.
    seed: u64,
    /// How many orders the queue accepted.
    sent: u64,
    /// How many of the sent orders are good.
    good: u64,
    /// How many of the sent orders are bad on purpose.
    bad: u64,
    /// How many are in the table.
    stored: u64,
    /// How many are in the dead-letter queue.
    dead_lettered: u64,
    /// How many wait in the orders queue.
    waiting: u64,
    /// How many are being processed, or will be again.
    in_flight: u64,
    /// How many are in the dead-letter queue, but invisible because another reader received them.
    hidden: u64,
    /// The orders divided by the time for sending and following them, per second.
    orders_per_second: f64,
    #[serde(flatten)]
    costs: Option<LabCosts>,
}

pub(super) async fn simulate(
    args: &SimulateArgs,
    context: Context<'_>,
) -> Result<Report<SimulateReport>, CommandError> {
    let env = context.env;
    let lab = Lab::find(context).await?;
    let dead_before = lab.reader.dead_letter_depth().await?.total();
    let request = args.request();
    let (recorder, header) = Recorder::begin(&lab.context.lab_directory(), |recorded| {
        request.plan(recorded, &lab.context)
    })?;
    env.events
        .note(format!("Run {}, seed {}.", header.run, header.plan.seed));
    let began = Instant::now();
    let clock = QueueClock::read(&lab.context).await?;
    let mut progress = RunProgress::new(&header, dead_before, clock, lab.redelivery().await?);
    let mut poller = LabPoller::new(lab);
    let sender = Sender::new(recorder, &mut progress);
    let sent = sender.send_all(&mut poller).await?;
    if env.cancel.is_cancelled() {
        return Err(detached(poller.context(), &header, sent));
    }
    let follower = Follower::new(progress, poller.context()).await;
    let audit = if args.no_wait {
        follower.audit_once(poller.lab()).await?
    } else {
        follower.follow(&mut poller, args.timeout).await?
    };
    let elapsed = began.elapsed();
    let context = poller.context();
    let (costs, costs_text) = if context.target.is_local() {
        (None, None)
    } else {
        let run = costs::Run {
            orders: audit.sent,
            bad: audit.bad,
            followed: elapsed,
        };
        let (costs, text) = run_costs(&lab_settings(context).await?, &run);
        (Some(costs), Some(text))
    };
    let report = SimulateReport {
        run: header.run.clone(),
        seed: header.plan.seed,
        sent: audit.sent,
        good: audit.good,
        bad: audit.bad,
        stored: audit.stored,
        dead_lettered: audit.dead_lettered,
        waiting: audit.waiting,
        in_flight: audit.in_flight,
        hidden: audit.hidden,
        orders_per_second: header.count as f64 / elapsed.as_secs_f64(),
        costs,
    };
    Ok(Report::new(report)
        .passed((audit.is_settled() || args.no_wait) && audit.is_clean())
        .table(table(&header.run, &audit))
        .text(sentence(&audit, &env.globals))
        .texts(costs_text)
        .text(next(context, &header, &audit, args.no_wait)))
}

/// The run in one row. States in which no order is any more have no column.
fn table(run: &str, audit: &RunAudit) -> Table {
    let mut table = Table::new([
        "Run",
        "Sent",
        "Good",
        "Bad",
        "Stored",
        "Dead-lettered",
        "Waiting",
        "In flight",
        "Hidden",
    ])
    .numeric(1..=8);
    let counts = [
        (audit.sent, Tone::Plain),
        (audit.good, Tone::Plain),
        (audit.bad, Tone::Plain),
        (audit.stored, Tone::Good),
        (audit.dead_lettered, Tone::Bad),
    ];
    let counts = counts.map(|(count, tone)| {
        let tone = if count == 0 { Tone::Dim } else { tone };
        Cell::new(number(count), tone)
    });
    let in_progress = [audit.waiting, audit.in_flight, audit.hidden].map(|count| match count {
        0 => Cell::default(),
        _ => Cell::new(number(count), Tone::Warning),
    });
    let run = Cell::from(run);
    table.row(std::iter::once(run).chain(counts).chain(in_progress));
    table
}

/// What to do after the run.
fn next(context: &Context<'_>, header: &Header, audit: &RunAudit, no_wait: bool) -> String {
    let audit_run = audit_command(context, header);
    match (audit.is_settled(), no_wait) {
        (true, _) if audit.dead_lettered > 0 => format!(
            "Next: {} shows the dead letters and why each is dead.",
            context.command("dlq")
        ),
        (true, _) => format!(
            "Next: {} accounts for the orders of all runs.",
            context.command("audit")
        ),
        (false, true) => format!("Next: {audit_run} shows where the orders are."),
        (false, false) => {
            format!(
                "The time is up, but processing continues. {audit_run} shows where the orders are."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_with_orders_has_a_column() {
        let mut audit = RunAudit {
            sent: 1222,
            good: 1222,
            stored: 1200,
            waiting: 2,
            in_flight: 20,
            ..RunAudit::default()
        };
        let shown = table("r", &audit).render(None, false);
        insta::assert_snapshot!(shown, @"
        RUN   SENT   GOOD  BAD  STORED  DEAD-LETTERED  WAITING  IN FLIGHT
        r    1,222  1,222    0   1,200              0        2         20
        ");
        (audit.stored, audit.waiting, audit.in_flight) = (1222, 0, 0);
        let settled = table("r", &audit).render(None, false);
        assert!(
            settled.lines().all(|line| !line.contains("WAITING")),
            "{settled}"
        );
    }
}
