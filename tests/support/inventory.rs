//! The resources in a local cloud, listed by its services and not by the tool.

use orders_lab::aws::Clients;

/// The resources of a complete lab, as [`resources_of`] lists them.
pub(crate) fn complete_lab(lab: &str) -> Vec<String> {
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

/// The resources of a lab in the cloud; of every lab, where the name is empty.
pub(crate) async fn resources_of(clients: &Clients, lab: &str) -> Vec<String> {
    let mut all = queues(clients).await;
    all.extend(functions(clients).await);
    all.extend(mappings(clients).await);
    all.extend(tables(clients).await);
    all.extend(roles(clients).await);
    all.extend(log_groups(clients).await);
    let prefix = format!("{lab}-");
    all.retain(|one| {
        let mut words = one.split([' ', '/']);
        lab.is_empty() || words.any(|word| word.starts_with(prefix.as_str()))
    });
    all.sort();
    all
}

async fn tables(clients: &Clients) -> Vec<String> {
    let pages = clients.dynamodb.list_tables().into_paginator().items();
    let tables: Result<Vec<_>, _> = pages.send().collect().await;
    let names = tables.expect("tables").into_iter();
    names.map(|name| format!("table {name}")).collect()
}

async fn roles(clients: &Clients) -> Vec<String> {
    let pages = clients.iam.list_roles().into_paginator().items();
    let list: Result<Vec<_>, _> = pages.send().collect().await;
    let roles = list.expect("roles");
    let names = roles.iter().map(|role| role.role_name());
    names.map(|name| format!("role {name}")).collect()
}

async fn log_groups(clients: &Clients) -> Vec<String> {
    let pages = clients.logs.describe_log_groups().into_paginator().items();
    let list: Result<Vec<_>, _> = pages.send().collect().await;
    let groups = list.expect("log groups");
    let names = groups.iter().filter_map(|group| group.log_group_name());
    names.map(|name| format!("log group {name}")).collect()
}

async fn queues(clients: &Clients) -> Vec<String> {
    let list = clients.sqs.list_queues().max_results(1000).send().await;
    let urls = list.expect("queues").queue_urls.unwrap_or_default();
    let name = |url: &String| url.rsplit('/').next().unwrap_or_default().to_owned();
    urls.iter()
        .map(|url| format!("queue {}", name(url)))
        .collect()
}

async fn functions(clients: &Clients) -> Vec<String> {
    let pages = clients.lambda.list_functions().into_paginator().items();
    let list: Result<Vec<_>, _> = pages.send().collect().await;
    let functions = list.expect("functions");
    let names = functions.iter().filter_map(|one| one.function_name());
    names.map(|name| format!("function {name}")).collect()
}

async fn mappings(clients: &Clients) -> Vec<String> {
    let list = clients.lambda.list_event_source_mappings();
    let pages = list.into_paginator().items().send();
    let mappings: Result<Vec<_>, _> = pages.collect().await;
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
