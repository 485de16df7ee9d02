use super::*;
use crate::sqs::engine::Attributes;
use crate::storage::MemoryStorage;

const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:q";

/// Queues with one chaos setting.
async fn open(setting: &str) -> Arc<Queues> {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let queues = Queues::open(&RuntimeContext::for_tests(&journal)).unwrap();
    let mut chaos = queues.faults.profile();
    chaos.set(setting).unwrap();
    queues.faults.set(chaos).await.unwrap();
    let create = queues.run(|sqs, tx| {
        sqs.create_queue("q", &Attributes::new(), Attributes::new(), tx)?;
        Ok(())
    });
    create.await.unwrap();
    queues
}

/// The visibility timeouts seen by many requests; `None` where the queue is not seen.
fn told(queues: &Queues) -> Vec<Option<u32>> {
    let told = |_| queues.info_as_seen(ARN).ok();
    let told = (0..40).map(told);
    let mut told: Vec<_> = told
        .map(|facts| facts.map(|facts| facts.visibility_timeout))
        .collect();
    told.sort_unstable();
    told.dedup();
    told
}

#[tokio::test]
async fn a_new_queue_is_seen_by_chance() {
    let queues = open("queue-delay=1m").await;
    assert_eq!(told(&queues), [None, Some(30)]);
    queues.info(ARN).unwrap();
    queues.clock.skip(Duration::from_secs(61));
    assert_eq!(told(&queues), [Some(30)]);
}

#[tokio::test]
async fn changed_attributes_are_seen_by_chance() {
    let queues = open("attribute-delay=1m").await;
    assert_eq!(told(&queues), [Some(30)]);
    let timeout = Attributes::from([("VisibilityTimeout".to_owned(), "60".to_owned())]);
    let set = queues.run(|sqs, tx| sqs.set_attributes(sqs.by_name("q")?, &timeout, tx));
    set.await.unwrap();
    assert_eq!(told(&queues), [Some(30), Some(60)]);
    assert_eq!(queues.info(ARN).unwrap().visibility_timeout, 60);
    queues.clock.skip(Duration::from_secs(61));
    assert_eq!(told(&queues), [Some(60)]);
}
