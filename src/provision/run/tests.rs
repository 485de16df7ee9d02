//! The runner over resources that only remember what was done to them.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;

use super::*;

/// What was done, in order, as `verb name`.
type Log = Arc<Mutex<Vec<String>>>;

/// The shape of the lab in small: two leaves, a node on both, and one on that.
const SHAPE: [(&str, &[&str]); 4] = [
    ("a", &[]),
    ("b", &[]),
    ("c", &["thing a", "thing b"]),
    ("d", &["thing c"]),
];

/// A resource that is there or not, and may fail or interrupt.
struct Thing {
    name: &'static str,
    after: &'static [&'static str],
    there: Mutex<bool>,
    fails: bool,
    cancels: Option<CancellationToken>,
    log: Log,
}

impl Thing {
    fn work(&self, verb: &str, there: bool) -> Result<(), Problem> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(format!("{verb} {}", self.name));
        if let Some(cancel) = &self.cancels {
            cancel.cancel();
        }
        if self.fails {
            return Err(Problem::Failed("made up".to_owned()));
        }
        *self.there.lock().unwrap_or_else(PoisonError::into_inner) = there;
        Ok(())
    }
}

impl Resource for Thing {
    fn kind(&self) -> &'static str {
        "thing"
    }
    fn name(&self) -> String {
        self.name.to_owned()
    }
    fn dependencies(&self) -> Vec<String> {
        self.after.iter().map(|&id| id.to_owned()).collect()
    }
    fn inspect(&self) -> BoxFuture<'_, Result<Observed, Problem>> {
        let there = *self.there.lock().unwrap_or_else(PoisonError::into_inner);
        Box::pin(async move {
            Ok(if there {
                Observed::InSync
            } else {
                Observed::Absent
            })
        })
    }
    fn ensure<'a>(
        &'a self,
        _: &'a Observed,
        _: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async { self.work("make", true) })
    }
    fn delete<'a>(&'a self, _: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async { self.work("remove", false) })
    }
}

struct Scene {
    stack: Vec<Box<dyn Resource>>,
    log: Log,
    cancel: CancellationToken,
}

impl Scene {
    fn new(there: bool, failing: Option<&str>, cancelling: Option<&str>) -> Self {
        let (log, cancel) = (Log::default(), CancellationToken::new());
        let thing = |&(name, after): &(&'static str, &'static [&'static str])| {
            Box::new(Thing {
                name,
                after,
                there: Mutex::new(there),
                fails: failing == Some(name),
                cancels: (cancelling == Some(name)).then(|| cancel.clone()),
                log: Arc::clone(&log),
            }) as Box<dyn Resource>
        };
        let stack = SHAPE.iter().map(thing).collect();
        Self { stack, log, cancel }
    }

    /// Walks; answers one word for each resource.
    async fn walk(&self, direction: Direction) -> Vec<&'static str> {
        let (events, _receiver) = Events::channel();
        let finished = run(&self.stack, direction, &events, &self.cancel).await;
        let word = |end: &Finished| match &end.outcome {
            Some(Ok(outcome)) => outcome.name(),
            Some(Err(_)) => "failed",
            None => "skipped",
        };
        finished.iter().map(word).collect()
    }

    fn log(&self) -> Vec<String> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.clone()
    }
}

#[tokio::test]
async fn up_goes_by_what_is_needed_first_and_down_the_other_way() {
    let scene = Scene::new(false, None, None);
    assert_eq!(scene.walk(Direction::Up).await, ["created"; 4]);
    let mut log = scene.log();
    log[..2].sort();
    assert_eq!(log, ["make a", "make b", "make c", "make d"]);
    assert_eq!(scene.walk(Direction::Down).await, ["deleted"; 4]);
    let mut log = scene.log().split_off(4);
    log[2..].sort();
    assert_eq!(log, ["remove d", "remove c", "remove a", "remove b"]);
}

#[tokio::test]
async fn a_second_walk_changes_nothing() {
    let scene = Scene::new(true, None, None);
    assert_eq!(scene.walk(Direction::Up).await, ["unchanged"; 4]);
    let scene = Scene::new(false, None, None);
    assert_eq!(scene.walk(Direction::Down).await, ["absent"; 4]);
    assert_eq!(scene.log(), [""; 0]);
}

#[tokio::test]
async fn a_failure_stops_only_what_depends_on_it() {
    let up = [
        ("a", ["failed", "created", "skipped", "skipped"]),
        ("b", ["created", "failed", "skipped", "skipped"]),
        ("c", ["created", "created", "failed", "skipped"]),
        ("d", ["created", "created", "created", "failed"]),
    ];
    for (failing, words) in up {
        let scene = Scene::new(false, Some(failing), None);
        assert_eq!(scene.walk(Direction::Up).await, words, "{failing}");
    }
    let down = [
        ("a", ["failed", "deleted", "deleted", "deleted"]),
        ("b", ["deleted", "failed", "deleted", "deleted"]),
        ("c", ["skipped", "skipped", "failed", "deleted"]),
        ("d", ["skipped", "skipped", "skipped", "failed"]),
    ];
    for (failing, words) in down {
        let scene = Scene::new(true, Some(failing), None);
        assert_eq!(scene.walk(Direction::Down).await, words, "{failing}");
    }
}

#[tokio::test]
async fn after_an_interruption_nothing_new_starts() {
    let scene = Scene::new(false, None, None);
    scene.cancel.cancel();
    assert_eq!(scene.walk(Direction::Up).await, ["skipped"; 4]);
    for (cancelling, done) in [("a", 2), ("b", 2), ("c", 3), ("d", 4)] {
        let scene = Scene::new(false, None, Some(cancelling));
        let words = scene.walk(Direction::Up).await;
        // What had begun is finished: `a` and `b` begin together.
        assert_eq!(words[..done], vec!["created"; done], "{cancelling}");
        assert_eq!(words[done..], vec!["skipped"; 4 - done], "{cancelling}");
        assert_eq!(scene.log().len(), done);
    }
}
