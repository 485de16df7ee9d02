"""Calls every operation of every model, to find which ones the local cloud has.

An operation that it does not have must be refused by name, in the service's own form. One that it has
and no case calls fails the run.
"""

REFUSALS = {"UnknownOperationException", "InvalidAction"}


def operations(run, name):
    """The operations of a service that the local cloud has."""
    service = run.of(name)
    has = []
    for operation in service.model.operation_names:
        model = service.model.operation_model(operation)
        if model.auth_type == "none":
            continue  # clients do not sign it, and the cloud refuses unsigned requests
        members = model.input_shape.members if model.input_shape else {}
        in_path = {member: "none" for member, shape in members.items() if shape.serialization.get("location") == "uri"}
        if service.model.resolved_protocol == "json":
            meta = service.model.metadata
            reply = service.bytes_reply(operation, "asked for", b"{}", headers={
                "x_amz_target": f"{meta['targetPrefix']}.{operation}",
                "content_type": f"application/x-amz-json-{meta['jsonVersion']}"})
        else:
            reply = service._make(operation, "asked for", in_path)
        run.probes.append(reply)
        if reply.code not in REFUSALS:
            has.append(operation)
        elif operation not in (reply.message or "") and name != "lambda":
            run.fail(f"{name}/{operation}: the refusal does not name it: {reply.message}")
    return has
