//! The costs of a lab on AWS: of a run and of an idle hour, as `up --plan`, `status` and `simulate`
//! report them.

use schemars::JsonSchema;
use serde::Serialize;

use super::LabSettings;
use super::settings::Billing;
use crate::artifact::Architecture;
use crate::costs::{self, Run, Shape, money};
use crate::ui::counted;

/// What the lab costs, estimated from list prices. Only for a lab on AWS.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct LabCosts {
    /// On AWS: how many orders the run sends whose costs follow.
    run_orders: u64,
    /// On AWS: what a run of `run_orders` costs, in dollars.
    run_dollars: f64,
    /// On AWS: what an hour costs in which nothing is sent, in dollars.
    standing_dollars_per_hour: f64,
}

/// The settings that affect a lab's costs.
pub(crate) fn shape(settings: &LabSettings) -> Shape {
    Shape {
        memory_mb: settings.memory,
        arm: settings.arch.or(Architecture::HOST) == Some(Architecture::Arm64),
        batch_size: settings.batch_size,
        max_receives: settings.max_receives,
        visibility_timeout: settings.visibility_timeout,
        provisioned: match settings.billing {
            Billing::OnDemand => None,
            Billing::Provisioned { read, write } => Some((read, write)),
        },
    }
}

/// How many orders the run has whose costs are shown before there is one.
const USUAL_RUN: u64 = 1000;

/// What a run of usual size and the idle lab cost, as data and as text.
pub(crate) fn expected_costs(settings: &LabSettings) -> (LabCosts, String) {
    let run = Run::expected(&shape(settings), USUAL_RUN);
    let orders = counted(run.orders, "order");
    lab_costs(settings, &run, |dollars| {
        format!("A run of {orders} costs about {dollars}.")
    })
}

/// What this run and the idle lab cost, as data and as text.
pub(crate) fn run_costs(settings: &LabSettings, run: &Run) -> (LabCosts, String) {
    lab_costs(settings, run, |dollars| {
        format!("This run cost about {dollars}.")
    })
}

fn lab_costs(
    settings: &LabSettings,
    run: &Run,
    describe: impl Fn(String) -> String,
) -> (LabCosts, String) {
    let shape = shape(settings);
    let (costs, hour) = (costs::run(&shape, run), costs::idle_hour(&shape));
    let text = format!(
        "{} {} List prices of {}.",
        describe(money(costs.dollars())),
        costs::idle_sentence(&hour),
        costs::of_prices()
    );
    let costs = LabCosts {
        run_orders: run.orders,
        run_dollars: costs.dollars(),
        standing_dollars_per_hour: hour.dollars(),
    };
    (costs, text)
}
