//! Every call of `up` and of `down` is an injection point, at which a fault is tried on a lab of
//! its own.

use std::collections::BTreeSet;
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
    let all = std::env::var("INJECTIONS").is_ok_and(|value| value == "all");
    let at_a_time = if all { 1 } else { faults.len() };
    for some in faults.chunks(at_a_time) {
        Trial::new(some, check).run(side_by_side);
    }
}

/// The points of one command.
#[derive(Default)]
struct Points {
    /// How many calls the command makes without a fault.
    expected: usize,
    /// The highest number that was begun.
    begun: usize,
    /// The highest number that the command reached.
    reached: usize,
    /// The lowest number that the command did not reach.
    end: Option<usize>,
    /// The operations into which a fault was injected.
    injected: Vec<String>,
}

impl Points {
    /// The next number, from 1. Beyond the expected ones, a number is tried only when the one
    /// before it was reached.
    fn next(&mut self) -> Option<usize> {
        let next = self.begun + 1;
        let is_open = self.end.is_none_or(|end| next < end);
        let is_likely = next <= self.expected || self.reached == self.begun;
        (is_open && is_likely).then(|| {
            self.begun = next;
            next
        })
    }

    fn finish(&mut self, number: usize, was_reached: bool) {
        if was_reached {
            self.reached = self.reached.max(number);
        } else {
            self.end = Some(self.end.map_or(number, |end| end.min(number)));
        }
    }
}

/// What came of the points.
#[derive(Default)]
struct Progress {
    up: Points,
    down: Points,
    problems: Vec<String>,
}

impl Progress {
    fn of(&mut self, command: Command) -> &mut Points {
        match command {
            Command::Up => &mut self.up,
            Command::Down => &mut self.down,
        }
    }

    fn next(&mut self) -> Option<(Command, usize)> {
        COMMANDS
            .into_iter()
            .find_map(|command| Some((command, self.of(command).next()?)))
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
        let mut progress = Progress::default();
        progress.up.expected = up.len();
        progress.down.expected = down.len();
        Self {
            clouds,
            faults,
            check,
            usual: [down, up],
            progress: Mutex::new(progress),
            free: Mutex::new(UPS_AT_ONCE),
            freed: Condvar::new(),
            late_reads: AtomicUsize::new(0),
        }
    }

    fn run(&self, side_by_side: usize) {
        self.try_numbers(side_by_side);
        self.try_missed_operations();
        self.require_all_passed();
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tries calls by their number.
    fn try_numbers(&self, side_by_side: usize) {
        let worker = |harness: &Harness| {
            let proxy = Proxy::new(&harness.cloud);
            loop {
                let next = self.progress().next();
                let Some((command, number)) = next else { break };
                let selector = CallSelector::Nth(number);
                let was_reached = self.try_point(harness, &proxy, command, selector, number);
                self.progress().of(command).finish(number, was_reached);
            }
        };
        thread::scope(|scope| {
            for harness in self.clouds.iter().cycle().take(side_by_side) {
                scope.spawn(move || worker(harness));
            }
        });
    }

    /// Tries by name the operations that no number has met. Calls are made concurrently, so a
    /// number is another call in each run, and the last call has another number.
    fn try_missed_operations(&self) {
        thread::scope(|scope| {
            for command in COMMANDS {
                let missed = self.missed(command).into_iter().enumerate();
                for ((at, operation), harness) in missed.zip(self.clouds.iter().cycle()) {
                    scope.spawn(move || {
                        let proxy = Proxy::new(&harness.cloud);
                        let selector = CallSelector::FirstOf(operation);
                        self.try_point(harness, &proxy, command, selector, 1000 + at)
                    });
                }
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
        let tried = &progress.of(command).injected;
        operations
            .filter(|operation| !tried.contains(operation))
            .collect()
    }

    /// Tries one point on a lab of its own. Returns whether the call was made.
    fn try_point(
        &self,
        harness: &Harness,
        proxy: &Proxy,
        command: Command,
        selector: CallSelector,
        at: usize,
    ) -> bool {
        let fault = self.faults[at % self.faults.len()];
        let point = Point {
            trial: self,
            harness,
            proxy,
            command,
            selector,
            fault,
            lab: format!("{}-{}-{at}", fault.name(), command.name()),
        };
        let injected = match command {
            Command::Up => point.try_up(),
            Command::Down => point.try_down(),
        };
        let was_made = injected.is_some();
        self.progress().of(command).injected.extend(injected);
        was_made
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
            let tried = self.progress().of(command).injected.len();
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
            progress.up.injected.len(),
            progress.down.injected.len(),
            self.late_reads.load(Ordering::SeqCst),
        );
    }
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
