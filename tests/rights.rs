//! Least privilege: the functions' roles have the permissions they need and no others. Each
//! permission is removed alone, and what then fails says so in AWS's words.

use aws_sdk_lambda::primitives::Blob;
use order::{BLOCK_UNIT, Block, Faults, Plan};
use orders_lab::aws::Clients;
use serde_json::{Value, json};

use crate::support::lab::Lab;

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders-queue";
const TABLE: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
const SIMULATOR: &str = "lab-lambda-sqs-order-simulator";
const PROCESSOR: &str = "lab-lambda-sqs-order-processor";

/// A lab, and clients that may do everything in it.
struct RoleLab {
    lab: Lab,
    clients: Clients,
    runtime: tokio::runtime::Runtime,
}

impl RoleLab {
    fn new() -> Self {
        let lab = Lab::up();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let clients = runtime.block_on(lab.cloud(50).clients());
        Self {
            lab,
            clients,
            runtime,
        }
    }

    /// Removes one action from a role's only policy. Returns the policy as it was.
    fn remove(&self, role: &str, action: &str) -> String {
        let get = self.clients.iam.get_role_policy().role_name(role);
        let reply = self.runtime.block_on(get.policy_name("orders-lab").send());
        let found = reply.expect("the role has its policy");
        let whole = percent_encoding::percent_decode_str(found.policy_document())
            .decode_utf8()
            .expect("a policy is a text")
            .into_owned();
        let mut reduced: Value = serde_json::from_str(&whole).expect("a policy is JSON");
        let statements = reduced["Statement"].as_array_mut().expect("statements");
        let mut removed = 0;
        for statement in &mut *statements {
            let actions = statement["Action"].as_array_mut().expect("actions");
            removed += actions.extract_if(.., |one| one == action).count();
        }
        statements.retain(|one| one["Action"] != json!([]));
        assert_eq!(removed, 1, "{role} has {action} once");
        self.grant(role, &reduced.to_string());
        whole
    }

    fn grant(&self, role: &str, policy: &str) {
        let put = self
            .clients
            .iam
            .put_role_policy()
            .role_name(role)
            .policy_name("orders-lab")
            .policy_document(policy);
        self.runtime
            .block_on(put.send())
            .expect("a policy can be put");
    }

    /// Sends orders of a new block by invoking the simulator. Returns its error, if it fails.
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
        let reply = self.runtime.block_on(reply).expect("the simulator exists");
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

    /// How many dead letters there are once no order is waiting or in flight.
    fn dead(&self) -> u64 {
        self.lab.settle();
        let status = self.lab.good(&["status"]);
        status["queues"][1]["visible"].as_u64().expect("a count")
    }

    fn log(&self, function: &str) -> String {
        self.lab.good(&["logs", function]).to_string()
    }

    /// Reads a log until it contains these words: lines are delivered in batches.
    fn log_contains(&self, function: &str, words: &str) -> bool {
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
fn simulator_needs_send_message() {
    let lab = RoleLab::new();
    lab.remove(SIMULATOR, "sqs:SendMessage");
    let words = denial(SIMULATOR, "lab-order-simulator", "sqs:sendmessage", QUEUE);
    let error = lab.send(150_000_000_000, 5).expect("it fails");
    assert!(error.contains(&words), "{error}");
    assert!(
        lab.log_contains("simulator", &words),
        "{}",
        lab.log("simulator")
    );
    let (code, document) = lab.lab.json(&["simulate", "--count", "5"]);
    assert_ne!(code, 0);
    assert!(document.to_string().contains(&words), "{document:#}");
}

#[test]
fn processor_needs_its_table_actions() {
    let lab = RoleLab::new();
    // Reading is for orders that are delivered a second time.
    assert_eq!(lab.send(150_000_000_000, 5), None);
    assert_eq!(lab.dead(), 0);
    let cases = [
        ("dynamodb:PartiQLInsert", 160_000_000_000),
        ("dynamodb:BatchGetItem", 150_000_000_000),
    ];
    for (round, (action, start)) in (1..).zip(cases) {
        let whole = lab.remove(PROCESSOR, action);
        assert_eq!(lab.send(start, 5), None);
        assert_eq!(
            lab.dead(),
            5 * round,
            "without {action} no order is processed"
        );
        let words = denial(PROCESSOR, "lab-order-processor", action, TABLE);
        assert!(
            lab.log_contains("processor", &words),
            "{}",
            lab.log("processor")
        );
        lab.grant(PROCESSOR, &whole);
    }
    lab.lab.good(&["redrive"]);
    assert_eq!(lab.dead(), 0, "with its permissions back it processes all");
}

#[test]
fn mapping_needs_its_queue_actions() {
    let lab = RoleLab::new();
    let mapping = || {
        let list = lab.clients.lambda.list_event_source_mappings();
        let reply = lab.runtime.block_on(list.send()).expect("a list");
        reply.event_source_mappings.and_then(|mut all| all.pop())
    };
    let uuid = mapping()
        .and_then(|one| one.uuid)
        .expect("the lab's mapping");

    // While the mapping exists: without receiving, orders wait; without deleting, they are
    // delivered again.
    let whole = lab.remove(PROCESSOR, "sqs:ReceiveMessage");
    assert_eq!(lab.send(150_000_000_000, 5), None);
    assert_eq!(lab.waiting(), (5, 0), "nothing receives them");
    lab.grant(PROCESSOR, &whole);
    assert_eq!(lab.dead(), 0);
    let whole = lab.remove(PROCESSOR, "sqs:DeleteMessage");
    assert_eq!(lab.send(160_000_000_000, 5), None);
    assert_eq!(
        lab.dead(),
        5,
        "they are stored, not deleted, and delivered until they are dead-lettered"
    );
    lab.grant(PROCESSOR, &whole);

    // And no mapping can be created without any one of the three.
    let delete = lab
        .clients
        .lambda
        .delete_event_source_mapping()
        .uuid(&uuid)
        .send();
    lab.runtime.block_on(delete).expect("it can be deleted");
    while mapping().is_some() {
        std::thread::yield_now();
    }
    for action in ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"] {
        let whole = lab.remove(PROCESSOR, &format!("sqs:{action}"));
        let create = lab
            .clients
            .lambda
            .create_event_source_mapping()
            .function_name("lab-order-processor")
            .event_source_arn(QUEUE);
        let error = lab
            .runtime
            .block_on(create.send())
            .expect_err("it is refused");
        let refused = format!("{:?}", error.into_service_error());
        let words = format!("does not have permissions to call {action} on SQS");
        assert!(refused.contains(&words), "{refused}");
        lab.grant(PROCESSOR, &whole);
    }
}

#[test]
fn functions_need_their_log_actions() {
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        let lab = RoleLab::new();
        let whole = lab.remove(SIMULATOR, action);
        assert_eq!(
            lab.send(150_000_000_000, 5),
            None,
            "it works, and its output is lost"
        );
        assert_eq!(lab.dead(), 0);
        assert!(
            !lab.log("simulator").contains("START"),
            "{}",
            lab.log("simulator")
        );
        lab.grant(SIMULATOR, &whole);
        assert_eq!(lab.send(160_000_000_000, 5), None);
        assert_eq!(lab.dead(), 0);
        assert!(
            lab.log_contains("simulator", "REPORT"),
            "{}",
            lab.log("simulator")
        );
    }
}
