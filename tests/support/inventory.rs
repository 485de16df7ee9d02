//! What is really in a local cloud, asked of its services directly, and not by the tool's word.

use orders_lab::aws::Clients;

/// Everything that a lab has, as it should be listed.
pub(crate) fn whole(lab: &str) -> Vec<String> {
    let functions = ["lab-order-processor", "lab-order-simulator"];
    let roles = [
        "lab-lambda-sqs-order-processor",
        "lab-lambda-sqs-order-simulator",
    ];
    let mut all = vec![
        format!("queue {lab}-orders-dl-queue"),
        format!("queue {lab}-orders-queue"),
        format!("table {lab}-orders"),
        format!("mapping {lab}-orders-queue -> {lab}-lab-order-processor"),
    ];
    all.extend(functions.map(|name| format!("function {lab}-{name}")));
    all.extend(functions.map(|name| format!("log group /aws/lambda/{lab}-{name}")));
    all.extend(roles.map(|name| format!("role {lab}-{name}")));
    all.sort();
    all
}

/// Everything in the cloud that belongs to this lab; to any, where it is empty.
pub(crate) async fn found(clients: &Clients, lab: &str) -> Vec<String> {
    let mut all = queues(clients).await;
    all.extend(functions(clients).await);
    all.extend(mappings(clients).await);
    let tables = clients.dynamodb.list_tables().into_paginator().items();
    let tables = tables.send().collect::<Result<Vec<_>, _>>().await;
    all.extend(
        tables
            .expect("tables")
            .iter()
            .map(|name| format!("table {name}")),
    );
    let roles = clients.iam.list_roles().into_paginator().items();
    let roles = roles.send().collect::<Result<Vec<_>, _>>().await;
    let roles = roles.expect("roles");
    all.extend(
        roles
            .iter()
            .map(|role| format!("role {}", role.role_name())),
    );
    let groups = clients.logs.describe_log_groups().into_paginator().items();
    let groups = groups.send().collect::<Result<Vec<_>, _>>().await;
    let groups = groups.expect("log groups");
    all.extend(
        groups
            .iter()
            .filter_map(|group| group.log_group_name())
            .map(|name| format!("log group {name}")),
    );
    let own = format!("{lab}-");
    all.retain(|one| {
        lab.is_empty()
            || one
                .split([' ', '/'])
                .any(|word| word.starts_with(own.as_str()))
    });
    all.sort();
    all
}

async fn queues(clients: &Clients) -> Vec<String> {
    let urls = clients.sqs.list_queues().max_results(1000).send().await;
    let urls = urls.expect("queues").queue_urls.unwrap_or_default();
    let name = |url: &String| url.rsplit('/').next().unwrap_or_default().to_owned();
    urls.iter()
        .map(|url| format!("queue {}", name(url)))
        .collect()
}

async fn functions(clients: &Clients) -> Vec<String> {
    let functions = clients.lambda.list_functions().into_paginator().items();
    let functions = functions.send().collect::<Result<Vec<_>, _>>().await;
    let functions = functions.expect("functions");
    let names = functions.iter().filter_map(|one| one.function_name());
    names.map(|name| format!("function {name}")).collect()
}

async fn mappings(clients: &Clients) -> Vec<String> {
    let mappings = clients
        .lambda
        .list_event_source_mappings()
        .into_paginator()
        .items();
    let mappings = mappings.send().collect::<Result<Vec<_>, _>>().await;
    let last = |arn: Option<&str>| {
        arn.and_then(|arn| arn.rsplit(':').next())
            .unwrap_or_default()
            .to_owned()
    };
    mappings
        .expect("mappings")
        .iter()
        .map(|one| {
            let (queue, function) = (last(one.event_source_arn()), last(one.function_arn()));
            format!("mapping {queue} -> {function}")
        })
        .collect()
}
