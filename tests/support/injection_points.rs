//! Every call of `up` and of `down` is an injection point, at which a fault is tried on a lab of
//! its own.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::Value;

use super::fault::{Call, CallLog, CallSelector, Fault};
use super::harness::Harness;
use super::inventory::complete_lab;
use super::lab::document;
use super::proxy::Proxy;
use super::wire::is_read_only;

/// How many clouds the points share. Listing is slower the more labs a cloud holds.
const CLOUDS: usize = 4;

/// How many runs of `up` without a fault may be under way at once, in all clouds: they use the
/// processor more than they wait.
const UPS_AT_ONCE: usize = 24;

/// The commands with injection points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Up,
    Down,
}

/// `down` makes more calls and waits longer, so its points are begun first.
const COMMANDS: [Command; 2] = [Command::Down, Command::Up];

impl Command {
    fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// One run of a command.
pub(crate) struct CommandRun {
    pub(crate) code: i32,
    pub(crate) document: Value,
    pub(crate) log: CallLog,
}

impl CommandRun {
    /// Runs a command on a lab, with a fault injected into one of its calls.
    pub(crate) fn with_fault(
        harness: &Harness,
        proxy: &Proxy,
        (command, lab): (&str, &str),
        selector: CallSelector,
        fault: Fault,
    ) -> Self {
        proxy.inject(selector, fault);
        let output = harness.start(proxy, &[command, "--lab", lab]).end();
        let (code, document) = document(&[command, lab], &output);
        Self {
            code,
            document,
            log: proxy.log(),
        }
    }

    /// Runs a command on a lab without a fault.
    pub(crate) fn without_fault(
        harness: &Harness,
        proxy: &Proxy,
        command: &str,
        lab: &str,
    ) -> Self {
        let nothing = CallSelector::Nth(0);
        Self::with_fault(harness, proxy, (command, lab), nothing, Fault::None)
    }
}

/// Checks how a command took a fault in the call of an operation, on a lab. Returns what is
/// wrong.
pub(crate) type Check =
    fn(fault: Fault, operation: &str, lab: &str, run: &CommandRun) -> Option<String>;

/// Tries each call of `up` and of `down` with one of these faults in turn; with
/// `INJECTIONS=all`, each call with each of them. After an `up` with a fault, `up` again completes
/// the lab; after a `down` with a fault, `down` again removes it.
pub(crate) fn try_every_call(faults: &'static [Fault], side_by_side: usize, check: Check) {
    yield_to_other_tests();
    let all = std::env::var("INJECTIONS").is_ok_and(|value| value == "all");
    let at_a_time = if all { 1 } else { faults.len() };
    for some in faults.chunks(at_a_time) {
        Trial::new(some, check).run(side_by_side);
    }
}

/// One call of a command: an operation, and the number of its call, from 1. Calls are made
/// concurrently, so that only those of one operation have the same numbers in each run.
type Occurrence = (String, usize);

/// What came of the points.
#[derive(Default)]
struct Progress {
    /// The operations of `up` into which a fault was injected.
    up: Vec<String>,
    /// The operations of `down` into which a fault was injected.
    down: Vec<String>,
    problems: Vec<String>,
}

impl Progress {
    fn of(&mut self, command: Command) -> &mut Vec<String> {
        match command {
            Command::Up => &mut self.up,
            Command::Down => &mut self.down,
        }
    }
}

struct Trial {
    clouds: Vec<Harness>,
    faults: &'static [Fault],
    check: Check,
    /// The calls of each of [`COMMANDS`] without a fault.
    usual: [Vec<Call>; 2],
    progress: Mutex<Progress>,
    /// How many more runs of `up` may begin, and the signal that there are more.
    free: Mutex<usize>,
    freed: Condvar,
    /// How many read-only calls came after interruptions.
    late_reads: AtomicUsize,
}

impl Trial {
    fn new(faults: &'static [Fault], check: Check) -> Self {
        let clouds: Vec<Harness> = thread::scope(|scope| {
            let starting = [(); CLOUDS].map(|()| scope.spawn(|| Harness::with_stub_handlers(1000)));
            let started = starting.into_iter().map(|one| one.join());
            started.map(|one| one.expect("a cloud")).collect()
        });
        let proxy = Proxy::new(&clouds[0].cloud);
        let [up, down] = [Command::Up, Command::Down].map(|command| {
            let run = CommandRun::without_fault(&clouds[0], &proxy, command.name(), "usual");
            assert_eq!(run.code, 0, "{}", run.document);
            run.log.calls
        });
        Self {
            clouds,
            faults,
            check,
            usual: [down, up],
            progress: Mutex::default(),
            free: Mutex::new(UPS_AT_ONCE),
            freed: Condvar::new(),
            late_reads: AtomicUsize::new(0),
        }
    }

    fn run(&self, side_by_side: usize) {
        self.try_points(side_by_side);
        self.require_all_passed();
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_points(&self, side_by_side: usize) {
        let points = COMMANDS.into_iter().flat_map(|command| {
            let calls = occurrences(self.usual(command)).into_iter();
            calls.map(move |occurrence| (command, occurrence))
        });
        let next = Mutex::new(points.enumerate());
        let worker = |harness: &Harness| {
            let proxy = Proxy::new(&harness.cloud);
            loop {
                let taken = next.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((at, (command, occurrence))) = taken else {
                    break;
                };
                self.try_point(harness, &proxy, command, occurrence, at);
            }
        };
        thread::scope(|scope| {
            for harness in self.clouds.iter().cycle().take(side_by_side) {
                scope.spawn(move || worker(harness));
            }
        });
    }

    fn usual(&self, command: Command) -> &[Call] {
        let at = COMMANDS.iter().position(|one| *one == command);
        &self.usual[at.expect("one of them")]
    }

    /// The operations of a command into which no fault was injected.
    fn missed(&self, command: Command) -> BTreeSet<String> {
        let calls = self.usual(command).iter();
        let operations = calls.map(|call| call.operation.clone());
        let mut progress = self.progress();
        let tried = progress.of(command);
        operations
            .filter(|operation| !tried.contains(operation))
            .collect()
    }

    /// Tries one point on a lab of its own.
    fn try_point(
        &self,
        harness: &Harness,
        proxy: &Proxy,
        command: Command,
        (operation, number): Occurrence,
        at: usize,
    ) {
        let fault = self.faults[at % self.faults.len()];
        let point = Point {
            trial: self,
            harness,
            proxy,
            command,
            selector: CallSelector::NthOf(operation, number),
            fault,
            lab: format!("{}-{}-{at}", fault.name(), command.name()),
        };
        let injected = match command {
            Command::Up => point.try_up(),
            Command::Down => point.try_down(),
        };
        self.progress().of(command).extend(injected);
    }

    /// Fails unless every call was tried and nothing was wrong.
    fn require_all_passed(&self) {
        self.print_counts();
        let problems = self.progress().problems.join("\n");
        assert!(problems.is_empty(), "{problems}");
        for command in COMMANDS {
            let name = command.name();
            let missed = self.missed(command);
            assert!(missed.is_empty(), "{name}: no fault in {missed:?}");
            // How often a read-only call is repeated depends on timing.
            let calls = self.usual(command).iter();
            let different: BTreeSet<_> = calls.map(Call::fingerprint).collect();
            let least = different.len();
            let tried = self.progress().of(command).len();
            assert!(
                tried >= least && least > 20,
                "{name} makes {least} different calls, and {tried} were tried"
            );
        }
        for fault in self.faults {
            let labs = format!("{}-down", fault.name());
            for harness in &self.clouds {
                let left = harness.resources_of(&labs);
                assert!(left.is_empty(), "left in the cloud: {left:#?}");
            }
        }
    }

    #[expect(clippy::print_stderr, reason = "how much was tried is worth knowing")]
    fn print_counts(&self) {
        let progress = self.progress();
        let faults: Vec<&str> = self.faults.iter().map(|fault| fault.name()).collect();
        eprintln!(
            "{}: {} calls of `up` and {} of `down` tried; {} read-only calls came after an interruption",
            faults.join(", "),
            progress.up.len(),
            progress.down.len(),
            self.late_reads.load(Ordering::SeqCst),
        );
    }
}

/// Lowers the priority of this thread, and of the threads and processes that it starts: dozens of
/// them would starve tests in which functions must end in time.
pub(crate) fn yield_to_other_tests() {
    rustix::process::nice(10).expect("a lower priority");
}

/// The calls of a run by their operations.
fn occurrences(calls: &[Call]) -> Vec<Occurrence> {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    calls
        .iter()
        .map(|call| {
            let number = numbers.entry(&call.operation).or_default();
            *number += 1;
            (call.operation.clone(), *number)
        })
        .collect()
}

/// One call of a command on a lab of its own.
struct Point<'a> {
    trial: &'a Trial,
    harness: &'a Harness,
    proxy: &'a Proxy,
    command: Command,
    selector: CallSelector,
    fault: Fault,
    lab: String,
}

impl Point<'_> {
    /// Builds the lab with the fault, then completes it. Returns the operation that met the
    /// fault. The lab stays until its cloud stops: removal is tried by the points of `down`.
    fn try_up(&self) -> Option<String> {
        let injected = self.run_with_fault();
        if self.up_without_fault() {
            let status =
                CommandRun::without_fault(self.harness, self.proxy, "status", &self.lab).document;
            if status["up"] != true || status["drifted"] != false {
                self.problem(&format!("the lab is not as it should be: {status}"));
            }
        }
        self.require_resources(&complete_lab(&self.lab));
        injected
    }

    /// Removes the lab with the fault, then removes what is left.
    fn try_down(&self) -> Option<String> {
        self.up_without_fault();
        let injected = self.run_with_fault();
        self.run_without_fault("down");
        self.require_resources(&[]);
        injected
    }

    /// Runs the command with the fault, and checks how it took that.
    fn run_with_fault(&self) -> Option<String> {
        let place = (self.command.name(), &*self.lab);
        let selector = self.selector.clone();
        let run = CommandRun::with_fault(self.harness, self.proxy, place, selector, self.fault);
        let injected = run.log.injected.clone()?;
        if let Some(problem) = (self.trial.check)(self.fault, &injected, &self.lab, &run) {
            let CommandRun { code, document, .. } = &run;
            self.problem(&format!(
                "a fault in {injected}: {problem}: it ended with {code}: {document}"
            ));
        }
        if run.log.unacknowledged {
            self.problem("it did not say that it was interrupted");
        }
        let late = run.log.late.iter();
        let (reads, changes): (Vec<_>, Vec<_>) = late.partition(|one| is_read_only(one));
        let late_reads = &self.trial.late_reads;
        late_reads.fetch_add(reads.len(), Ordering::SeqCst);
        if !changes.is_empty() {
            self.problem(&format!("after the interruption it began {changes:?}"));
        }
        Some(injected)
    }

    /// Runs `up` without a fault when few others do. Returns whether it succeeded.
    fn up_without_fault(&self) -> bool {
        let Trial { free, freed, .. } = self.trial;
        let count = free.lock().unwrap_or_else(PoisonError::into_inner);
        let available = freed.wait_while(count, |free| *free == 0);
        *available.unwrap_or_else(PoisonError::into_inner) -= 1;
        let succeeded = self.run_without_fault("up");
        *free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        freed.notify_one();
        succeeded
    }

    /// Runs a command without a fault. Returns whether it succeeded.
    fn run_without_fault(&self, command: &str) -> bool {
        let run = CommandRun::without_fault(self.harness, self.proxy, command, &self.lab);
        if run.code != 0 {
            let CommandRun { code, document, .. } = &run;
            self.problem(&format!(
                "`{command}` without a fault ended with {code}: {document}"
            ));
        }
        run.code == 0
    }

    fn require_resources(&self, wanted: &[String]) {
        let found = self.harness.resources_of(&self.lab);
        if found != wanted {
            self.problem(&format!("the cloud has {found:?}"));
        }
    }

    fn problem(&self, what: &str) {
        let mut progress = self.trial.progress();
        progress.problems.push(format!("{}: {what}", self.lab));
    }
}
