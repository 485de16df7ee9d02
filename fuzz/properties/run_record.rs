//! Run records: what can be read is the same when it is written and read again, and a torn last
//! line changes nothing.

use super::text::{Header, Run, line, parse};

/// Checks any bytes as a file.
pub(crate) fn run_record(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(run) = parse(text) else {
        return;
    };
    let Header {
        run: name,
        plan,
        count,
        started_ms,
        ..
    } = run.header.clone();
    let header = Header::new(name, plan, count, started_ms);
    let mut written = line(&header).expect("a header has a JSON form");
    for step in &run.steps {
        written += &line(step).expect("a step has a JSON form");
    }
    assert_eq!(parse(&written).as_ref(), Ok(&run));
    written += "{\"began\":{";
    let torn: Result<Run, String> = parse(&written);
    assert_eq!(torn, Ok(run));
}
