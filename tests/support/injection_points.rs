//! Every call of `up` and of `down` is a point at which a fault is tried, in a lab of its own.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::Value;

use crate::support::fault::{Call, Fault, Seen, Which};
use crate::support::harness::Bench;
use crate::support::inventory::whole;
use crate::support::lab::document;
use crate::support::proxy::Proxy;
use crate::support::wire::looks;

/// One command with one call spoiled.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) document: Value,
    pub(crate) seen: Seen,
}

impl Run {
    /// Runs a command on `lab`, one of its calls spoiled.
    pub(crate) fn of(
        bench: &Bench,
        proxy: &Proxy,
        place: (&str, &str),
        which: Which,
        fault: Fault,
    ) -> Self {
        let (command, lab) = place;
        proxy.spoil(which, fault);
        let output = bench.start(proxy, &[command, "--lab", lab]).end();
        let (code, document) = document(&[command, lab], &output);
        let seen = proxy.seen();
        Self {
            code,
            document,
            seen,
        }
    }

    /// The same with nothing spoiled.
    pub(crate) fn clean(bench: &Bench, proxy: &Proxy, command: &str, lab: &str) -> Self {
        Self::of(bench, proxy, (command, lab), Which::Number(0), Fault::None)
    }
}

/// What says how a command must take a fault at this call; what is wrong with how it did.
pub(crate) type Judge = fn(fault: Fault, spoiled: &str, lab: &str, run: &Run) -> Option<String>;

/// How many runs of `up` with nothing spoiled may go on at once: they wait for nothing but the
/// processor, which the tests beside this one need too.
const AT_WORK: usize = 6;

/// The commands, of which both must be tried.
const COMMANDS: [&str; 2] = ["up", "down"];

/// Tries each call of `up` and of `down` with one of these faults in turn, so many side by side;
/// with `INJECTIONS=all`, each call with each of them. After `up` with one of its calls spoiled, `up`
/// again completes the lab; after `down`, `down` again removes it.
pub(crate) fn every_call(faults: &'static [Fault], side_by_side: usize, judge: Judge) {
    if std::env::var("INJECTIONS").is_ok_and(|asked| asked == "all") {
        let one_by_one = faults.chunks(1);
        return one_by_one.for_each(|one| each_call_once(one, side_by_side, judge));
    }
    each_call_once(faults, side_by_side, judge);
}

fn each_call_once(faults: &'static [Fault], side_by_side: usize, judge: Judge) {
    let bench = Bench::with_tiny_handlers(1000);
    let usual = COMMANDS.map(|command| {
        let clean = Run::clean(&bench, &Proxy::new(&bench.cloud), command, "usual");
        assert_eq!(clean.code, 0, "{}", clean.document);
        clean.seen.calls
    });
    let trial = Trial {
        bench,
        faults,
        judge,
        points: Mutex::default(),
        free: Mutex::new(AT_WORK),
        freed: Condvar::new(),
        looked_late: AtomicUsize::new(0),
    };
    trial.go_through(side_by_side);
    trial.go_after_missed(&usual);
    trial.insist(&usual);
}

/// Which points are to be tried, and what came of those that were.
#[derive(Default)]
struct Points {
    taken: [usize; 2],
    /// The lowest point that its command did not come to, where one is known.
    end: [Option<usize>; 2],
    /// The operations that were spoiled.
    spoiled: [Vec<String>; 2],
    wrong: Vec<String>,
}

impl Points {
    /// The next point: a command's place and the number of its call, from 1. `down` makes more
    /// calls, so that its points are begun first.
    fn take(&mut self) -> Option<(usize, usize)> {
        let open = |&place: &usize| self.end[place].is_none_or(|end| self.taken[place] + 1 < end);
        let place = [1, 0].into_iter().find(open)?;
        self.taken[place] += 1;
        Some((place, self.taken[place]))
    }
}

struct Trial {
    bench: Bench,
    faults: &'static [Fault],
    judge: Judge,
    points: Mutex<Points>,
    /// How many more may be at work, and when that grows.
    free: Mutex<usize>,
    freed: Condvar,
    /// How many calls that only look came after interruptions.
    looked_late: AtomicUsize,
}

impl Trial {
    fn points(&self) -> MutexGuard<'_, Points> {
        self.points.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does work of which little can be done at once.
    fn in_turn<T>(&self, work: impl FnOnce() -> T) -> T {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let free = self.freed.wait_while(free, |free| *free == 0);
        *free.unwrap_or_else(PoisonError::into_inner) -= 1;
        let done = work();
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.freed.notify_one();
        done
    }

    /// Tries calls by their number.
    fn go_through(&self, side_by_side: usize) {
        let one_by_one = || {
            let proxy = Proxy::new(&self.bench.cloud);
            loop {
                let next = self.points().take();
                let Some((place, at)) = next else { break };
                if !self.point(&proxy, place, Which::Number(at), at) {
                    let mut points = self.points();
                    points.end[place] = Some(points.end[place].map_or(at, |end| end.min(at)));
                }
            }
        };
        thread::scope(|scope| {
            for _ in 0..side_by_side {
                scope.spawn(one_by_one);
            }
        });
    }

    /// Tries by their names the operations that no number has met. Calls are made side by side, so
    /// that a number is another call in each run, and the last call has another number.
    fn go_after_missed(&self, usual: &[Vec<Call>; 2]) {
        thread::scope(|scope| {
            for (place, calls) in usual.iter().enumerate() {
                for (at, operation) in self.missed(place, calls).into_iter().enumerate() {
                    scope.spawn(move || {
                        let proxy = Proxy::new(&self.bench.cloud);
                        self.point(&proxy, place, Which::First(operation), 1000 + at)
                    });
                }
            }
        });
    }

    fn missed(&self, place: usize, usual: &[Call]) -> BTreeSet<String> {
        let operations = usual.iter().map(|call| call.operation.clone());
        let tried = &self.points().spoiled[place];
        operations
            .filter(|operation| !tried.contains(operation))
            .collect()
    }

    /// Tries a point of this number in a lab of its own; whether the call was made.
    fn point(&self, proxy: &Proxy, place: usize, which: Which, at: usize) -> bool {
        let fault = self.faults[at % self.faults.len()];
        let point = Point {
            trial: self,
            proxy,
            place,
            which,
            fault,
            lab: format!("{}-{}-{at}", fault.name(), COMMANDS[place]),
        };
        let spoiled = if place == 0 { point.up() } else { point.down() };
        let was_made = spoiled.is_some();
        self.points().spoiled[place].extend(spoiled);
        was_made
    }

    /// Insists that every call was tried, and that nothing was wrong.
    fn insist(&self, usual: &[Vec<Call>; 2]) {
        self.report();
        let wrong = self.points().wrong.join("\n");
        assert!(wrong.is_empty(), "{wrong}");
        for (place, command) in COMMANDS.into_iter().enumerate() {
            let missed = self.missed(place, &usual[place]);
            assert!(missed.is_empty(), "{command}: {missed:?} not spoiled");
            // How often a call that only looks is made again is a matter of time.
            let least: BTreeSet<_> = usual[place].iter().map(Call::essence).collect();
            let (least, tried) = (least.len(), self.points().spoiled[place].len());
            assert!(
                tried >= least && least > 20,
                "{command} makes {least} different calls, and {tried} were tried"
            );
        }
        for fault in self.faults {
            let left = self.bench.found(&format!("{}-down", fault.name()));
            assert!(left.is_empty(), "left in the cloud: {left:#?}");
        }
    }

    #[expect(clippy::print_stderr, reason = "how much was tried is worth knowing")]
    fn report(&self) {
        let points = self.points();
        let [up, down] = &points.spoiled;
        let faults: Vec<&str> = self.faults.iter().map(|fault| fault.name()).collect();
        eprintln!(
            "{}: {} calls of `up` and {} of `down` tried; {} calls that only look came after an interruption",
            faults.join(", "),
            up.len(),
            down.len(),
            self.looked_late.load(Ordering::SeqCst),
        );
    }
}

/// One call of a command on a lab of its own.
struct Point<'a> {
    trial: &'a Trial,
    proxy: &'a Proxy,
    place: usize,
    which: Which,
    fault: Fault,
    lab: String,
}

impl Point<'_> {
    /// Builds the lab with the call spoiled; which operation that was, where it was made. The lab
    /// stays, and ends with its cloud: how one is removed is tried by the other points.
    fn up(&self) -> Option<String> {
        let spoiled = self.spoil();
        if self.trial.in_turn(|| self.clean("up")) {
            let status = Run::clean(&self.trial.bench, self.proxy, "status", &self.lab).document;
            if status["up"] != true || status["drifted"] != false {
                self.wrong(&format!("the lab is not as it should be: {status}"));
            }
        }
        self.insist_there_is(&whole(&self.lab));
        spoiled
    }

    /// Removes the lab with the call spoiled.
    fn down(&self) -> Option<String> {
        self.trial.in_turn(|| self.clean("up"));
        let spoiled = self.spoil();
        self.clean("down");
        self.insist_there_is(&[]);
        spoiled
    }

    /// Runs the command with the call spoiled, and judges how it took that.
    fn spoil(&self) -> Option<String> {
        let Trial { bench, judge, .. } = self.trial;
        let fault = self.fault;
        let place = (COMMANDS[self.place], &*self.lab);
        let run = Run::of(bench, self.proxy, place, self.which.clone(), fault);
        let spoiled = run.seen.spoiled.clone()?;
        if let Some(wrong) = judge(fault, &spoiled, &self.lab, &run) {
            let Run { code, document, .. } = &run;
            self.wrong(&format!(
                "{spoiled} was spoiled; {wrong}: it ended with {code}: {document}"
            ));
        }
        if run.seen.unheard {
            self.wrong("it did not say that it was interrupted");
        }
        let late = run.seen.late.iter();
        let (looked, changed): (Vec<_>, Vec<_>) = late.partition(|one| looks(one));
        self.trial
            .looked_late
            .fetch_add(looked.len(), Ordering::SeqCst);
        if !changed.is_empty() {
            self.wrong(&format!("after the interruption it began {changed:?}"));
        }
        Some(spoiled)
    }

    /// Runs a command with nothing spoiled; whether it ended well.
    fn clean(&self, command: &str) -> bool {
        let run = Run::clean(&self.trial.bench, self.proxy, command, &self.lab);
        if run.code != 0 {
            let Run { code, document, .. } = &run;
            self.wrong(&format!(
                "`{command}` with nothing spoiled ended with {code}: {document}"
            ));
        }
        run.code == 0
    }

    fn insist_there_is(&self, wanted: &[String]) {
        let found = self.trial.bench.found(&self.lab);
        if found != wanted {
            self.wrong(&format!("there is {found:?}"));
        }
    }

    fn wrong(&self, what: &str) {
        let mut points = self.trial.points();
        points.wrong.push(format!("{}: {what}", self.lab));
    }
}
