//! Least privilege: the functions' roles hold what they need, and nothing of it can be spared.
//! Each right is taken away alone, and what then fails says so in AWS's words.

use aws_sdk_lambda::primitives::Blob;
use order::{BLOCK_UNIT, Block, Faults, Plan};
use orders_lab::aws::{Clients, Login};
use serde_json::{Value, json};

use crate::support::lab::Lab;

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders-queue";
const TABLE: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
const SIMULATOR: &str = "lab-lambda-sqs-order-simulator";
const PROCESSOR: &str = "lab-lambda-sqs-order-processor";

/// A lab, and clients that may do everything in it.
struct Bench {
    lab: Lab,
    clients: Clients,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn new() -> Self {
        let lab = Lab::up();
        let variables = lab.good(&["env"])["variables"].take();
        let text = |name: &str| variables[name].as_str().expect("a variable").to_owned();
        let login = Login::Local {
            endpoint: text("AWS_ENDPOINT_URL"),
            region: text("AWS_REGION"),
            access_key: text("AWS_ACCESS_KEY_ID"),
            secret_key: text("AWS_SECRET_ACCESS_KEY"),
        };
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let configuration = runtime.block_on(Clients::configuration(login));
        Self {
            lab,
            clients: Clients::new(&configuration),
            runtime,
        }
    }

    /// Takes one right from a role's only policy, and answers what the policy was.
    fn take(&self, role: &str, action: &str) -> String {
        let get = self.clients.iam.get_role_policy().role_name(role);
        let found = self.runtime.block_on(get.policy_name("orders-lab").send());
        let found = found.expect("the role has its policy");
        let whole = percent_encoding::percent_decode_str(found.policy_document())
            .decode_utf8()
            .expect("a policy is a text")
            .into_owned();
        let mut less: Value = serde_json::from_str(&whole).expect("a policy is JSON");
        let mut taken = 0;
        for statement in less["Statement"].as_array_mut().expect("statements") {
            let actions = statement["Action"].as_array_mut().expect("actions");
            taken += actions.extract_if(.., |one| one == action).count();
        }
        let statements = less["Statement"].as_array_mut().expect("statements");
        statements.retain(|one| one["Action"] != json!([]));
        assert_eq!(taken, 1, "{role} holds {action} once");
        self.grant(role, &less.to_string());
        whole
    }

    fn grant(&self, role: &str, policy: &str) {
        let put = self.clients.iam.put_role_policy().role_name(role);
        let put = put.policy_name("orders-lab").policy_document(policy);
        self.runtime
            .block_on(put.send())
            .expect("a policy can be put");
    }

    /// Sends orders of a block of their own by invoking the simulator; its error where it fails.
    fn send(&self, start: u64, count: u64) -> Option<String> {
        let plan = Plan {
            seed: 1,
            block: Block {
                first: start,
                size: BLOCK_UNIT,
            },
            faults: Faults {
                rate: 0.0,
                kinds: Vec::new(),
            },
        };
        let request = json!({ "run": "rights", "plan": plan, "first": 0, "count": count });
        let invoke = self
            .clients
            .lambda
            .invoke()
            .function_name("lab-order-simulator");
        let reply = invoke.payload(Blob::new(request.to_string())).send();
        let reply = self
            .runtime
            .block_on(reply)
            .expect("the simulator is there");
        let answer = reply.payload.map(Blob::into_inner).unwrap_or_default();
        let answer = String::from_utf8(answer).expect("a text");
        reply.function_error.map(|_| answer)
    }

    /// The queue of orders: how many are visible, how many in flight.
    fn waiting(&self) -> (u64, u64) {
        let status = self.lab.good(&["status"]);
        let queue = &status["queues"][0];
        let count = |name: &str| queue[name].as_u64().expect("a count");
        (count("visible"), count("in_flight"))
    }

    /// How many dead letters there are once every order is where it stays.
    fn dead(&self) -> u64 {
        self.lab.settle();
        let status = self.lab.good(&["status"]);
        status["queues"][1]["visible"].as_u64().expect("a count")
    }

    fn log(&self, function: &str) -> String {
        self.lab.good(&["logs", function]).to_string()
    }

    /// Looks into a log until it says so: lines are gathered for a moment.
    fn finds(&self, function: &str, words: &str) -> bool {
        (0..100).any(|_| self.log(function).contains(words))
    }
}

fn denial(role: &str, function: &str, action: &str, resource: &str) -> String {
    format!(
        "User: arn:aws:sts::000000000000:assumed-role/{role}/{function} is not authorized to \
         perform: {action} on resource: {resource} because no identity-based policy allows the \
         {action} action"
    )
}

#[test]
fn the_simulator_cannot_spare_sending() {
    let bench = Bench::new();
    bench.take(SIMULATOR, "sqs:SendMessage");
    let words = denial(SIMULATOR, "lab-order-simulator", "sqs:sendmessage", QUEUE);
    let error = bench.send(150_000_000_000, 5).expect("it fails");
    assert!(error.contains(&words), "{error}");
    assert!(
        bench.finds("simulator", &words),
        "{}",
        bench.log("simulator")
    );
    let (code, document) = bench.lab.json(&["simulate", "--count", "5"]);
    assert_ne!(code, 0);
    assert!(document.to_string().contains(&words), "{document:#}");
}

#[test]
fn the_processor_cannot_spare_what_it_does_with_the_table() {
    let bench = Bench::new();
    // Reading is for orders that come a second time.
    assert_eq!(bench.send(150_000_000_000, 5), None);
    assert_eq!(bench.dead(), 0);
    let cases = [
        ("dynamodb:PartiQLInsert", 160_000_000_000),
        ("dynamodb:BatchGetItem", 150_000_000_000),
    ];
    for (round, (action, start)) in (1..).zip(cases) {
        let whole = bench.take(PROCESSOR, action);
        assert_eq!(bench.send(start, 5), None);
        assert_eq!(
            bench.dead(),
            5 * round,
            "without {action} none is dealt with"
        );
        let words = denial(PROCESSOR, "lab-order-processor", action, TABLE);
        assert!(
            bench.finds("processor", &words),
            "{}",
            bench.log("processor")
        );
        bench.grant(PROCESSOR, &whole);
    }
    bench.lab.good(&["redrive"]);
    assert_eq!(bench.dead(), 0, "with its rights back it deals with all");
}

#[test]
fn a_mapping_cannot_spare_what_it_does_with_the_queue() {
    let bench = Bench::new();
    let mapping = || {
        let list = bench.clients.lambda.list_event_source_mappings().send();
        let list = bench.runtime.block_on(list).expect("a list");
        list.event_source_mappings.and_then(|mut all| all.pop())
    };
    let uuid = mapping()
        .and_then(|one| one.uuid)
        .expect("the lab's mapping");

    // While it is there: without receiving, orders wait; without deleting, they come again.
    let whole = bench.take(PROCESSOR, "sqs:ReceiveMessage");
    assert_eq!(bench.send(150_000_000_000, 5), None);
    assert_eq!(bench.waiting(), (5, 0), "nobody takes them");
    bench.grant(PROCESSOR, &whole);
    assert_eq!(bench.dead(), 0);
    let whole = bench.take(PROCESSOR, "sqs:DeleteMessage");
    assert_eq!(bench.send(160_000_000_000, 5), None);
    assert_eq!(
        bench.dead(),
        5,
        "they are stored, not deleted, and come until they are buried"
    );
    bench.grant(PROCESSOR, &whole);

    // And none is made without each of the three.
    let delete = bench
        .clients
        .lambda
        .delete_event_source_mapping()
        .uuid(&uuid)
        .send();
    bench.runtime.block_on(delete).expect("it can be deleted");
    while mapping().is_some() {
        std::thread::yield_now();
    }
    for action in ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"] {
        let whole = bench.take(PROCESSOR, &format!("sqs:{action}"));
        let create = bench.clients.lambda.create_event_source_mapping();
        let create = create
            .function_name("lab-order-processor")
            .event_source_arn(QUEUE);
        let refused = bench
            .runtime
            .block_on(create.send())
            .expect_err("it is refused");
        let refused = format!("{:?}", refused.into_service_error());
        let words = format!("does not have permissions to call {action} on SQS");
        assert!(refused.contains(&words), "{refused}");
        bench.grant(PROCESSOR, &whole);
    }
}

#[test]
fn a_function_cannot_spare_what_it_does_with_its_log() {
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        let bench = Bench::new();
        let whole = bench.take(SIMULATOR, action);
        assert_eq!(
            bench.send(150_000_000_000, 5),
            None,
            "it works, and nobody sees what it says"
        );
        assert_eq!(bench.dead(), 0);
        assert!(
            !bench.log("simulator").contains("START"),
            "{}",
            bench.log("simulator")
        );
        bench.grant(SIMULATOR, &whole);
        assert_eq!(bench.send(160_000_000_000, 5), None);
        assert_eq!(bench.dead(), 0);
        assert!(
            bench.finds("simulator", "REPORT"),
            "{}",
            bench.log("simulator")
        );
    }
}
