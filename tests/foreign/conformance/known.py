"""What AWS itself returns in addition to its models, each with its source.

[facts] is the project's collection of facts about AWS; a number in front of a status is HTTP's.
"""

SQS_PREFIX = "AWS.SimpleQueueService."

# The names of SQS's errors in the old query protocol, which clients match on; the others are
# their shapes' names behind SQS_PREFIX, or the shapes' names alone.
QUERY_CODES = {
    "QueueDoesNotExist": SQS_PREFIX + "NonExistentQueue",
    "QueueNameExists": "QueueAlreadyExists",
    "InvalidParameterValueException": "InvalidParameterValue",
    "MissingRequiredParameterException": "MissingParameter",
    "AccessDeniedException": "AccessDenied",
}
PREFIXED = {
    "QueueDeletedRecently", "PurgeQueueInProgress", "TooManyEntriesInBatchRequest", "BatchRequestTooLong",
    "EmptyBatchRequest", "BatchEntryIdsNotDistinct", "InvalidBatchEntryId", "MessageNotInflight",
    "UnsupportedOperation",
}

# (service, code): status, why it is right though the operation's model does not have it.
UNMODELLED = {
    ("sqs", "InvalidParameterValueException"): (400, "SQS answers it for values out of range, unmodelled"),
    ("sqs", "MissingRequiredParameterException"): (400, "SQS answers it for missing parameters, unmodelled"),
    ("lambda", "ValidationException"): (400, "Lambda answers it for broken constraints, unmodelled"),
    ("lambda", "RequestEntityTooLargeException"): (413, "Lambda answers it for large packages, unmodelled"),
    ("dynamodb", "ValidationException"): (400, "DynamoDB answers it for broken constraints, unmodelled"),
    ("iam", "ValidationError"): (400, "common to the query services"),
    ("sts", "ValidationError"): (400, "common to the query services"),
    ("iam", "MalformedInput"): (400, "common to the query services"),
    ("sts", "AccessDenied"): (403, "common to the query services"),
    ("iam", "MissingAction"): (400, "common to the query services"),
    ("iam", "InvalidAction"): (400, "common to the query services"),
    ("sts", "InvalidAction"): (400, "common to the query services"),
    ("sqs", "SerializationException"): (400, "common to the JSON services"),
    ("logs", "SerializationException"): (400, "common to the JSON services"),
    ("dynamodb", "SerializationException"): (400, "common to the JSON services"),
    ("lambda", "SerializationException"): (400, "common to the JSON services"),
    ("sqs", "AccessDeniedException"): (403, "common to all services"),
    ("lambda", "AccessDeniedException"): (403, "common to all services"),
    ("dynamodb", "AccessDeniedException"): (400, "common to all services"),
    ("logs", "AccessDeniedException"): (400, "common to all services"),
    ("iam", "AccessDenied"): (403, "common to the query services"),
    ("resourcegroupstaggingapi", "AccessDeniedException"): (400, "common to all services"),
    ("resourcegroupstaggingapi", "SerializationException"): (400, "common to the JSON services"),
    ("resourcegroupstaggingapi", "UnknownOperationException"): (400, "the local cloud's refusal of what it does not have"),
    ("sqs", "InternalError"): (500, "common to all services"),
    ("dynamodb", "ThrottlingException"): (400, "common to all services; the model has it for a few operations"),
    ("iam", "Throttling"): (400, "common to the query services"),
    ("sts", "Throttling"): (400, "common to the query services"),
    ("sts", "ServiceUnavailable"): (503, "common to the query services"),
    ("logs", "ThrottlingException"): (400, "common to all services"),
    ("sqs", "UnknownOperationException"): (400, "the local cloud's refusal of what it does not have"),
    ("logs", "InvalidParameterException"): (400, "Logs answers it for broken constraints, also where the model has it not"),
    ("logs", "UnknownOperationException"): (400, "the local cloud's refusal of what it does not have"),
    ("dynamodb", "UnknownOperationException"): (400, "the local cloud's refusal of what it does not have"),
    ("lambda", "UnknownOperationException"): (404, "the local cloud's refusal of what it does not have"),
}

# Errors of JSON services whose model gives no status: 400, but for these.
STATUSES = {
    ("sqs", "PurgeQueueInProgress"): 403,
    ("sqs", "OverLimit"): 403,
    ("dynamodb", "InternalServerError"): 500,
    ("resourcegroupstaggingapi", "InternalServiceException"): 500,
    ("logs", "ServiceUnavailableException"): 503,
    ("sqs", "ReceiptHandleIsInvalid"): 404,
    ("sqs", "ResourceNotFoundException"): 404,
}

# Errors of the gateway, common to all services: code by (query or SQS, other JSON), and status.
SIGNATURE = {
    "MissingAuthenticationToken": 403, "MissingAuthenticationTokenException": 403,
    "IncompleteSignature": 400, "IncompleteSignatureException": 400,
    "InvalidClientTokenId": 403, "UnrecognizedClientException": 403,
    "SignatureDoesNotMatch": 403, "InvalidSignatureException": 403,
}

# Statuses of success that differ from the model's.
SUCCESS = {
    ("lambda", "DeleteFunction"): {204},  # AWS answers 204, the model says 200
    ("lambda", "Invoke"): {200, 202, 204},  # by the invocation's type
}

# Required members that AWS leaves out.
OMITTED = {
    # An empty list of results is not written.
    ("sqs", "SendMessageBatch", "Failed"), ("sqs", "SendMessageBatch", "Successful"),
    ("sqs", "DeleteMessageBatch", "Failed"), ("sqs", "DeleteMessageBatch", "Successful"),
    ("iam", "GetUser", "UserName"), ("iam", "GetUser", "Path"),  # of the account's owner
    ("sqs", "ChangeMessageVisibilityBatch", "Failed"), ("sqs", "ChangeMessageVisibilityBatch", "Successful"),
}


# Values that AWS writes and the model's enumerations do not have.
VALUES = {
    ("lambda", "LastUpdateStatusReasonCode"): {"Creating"},  # in replies of updates, as recorded from AWS
}

# Numbers and lengths below the model's range that AWS writes.
BELOW = {
    ("dynamodb", "NumberOfDecreasesToday"): 0,
    ("iam", "UserId"): 12,  # the owner's is the account's number
}

# Members that AWS writes and the model does not have.
MEMBERS = {
    # What the console reads; it repeats BillingModeSummary.
    ("dynamodb", "TableThroughputModeSummary"),
}

# Known faults, by the calls that show them. A row that no call shows any more fails.
LEFT = {
    "dynamodb/CreateTable/without a throughput": "dynoxide makes the table; AWS asks for a throughput",
}


def query_code(code):
    """The name of an SQS error in the old query protocol."""
    if code in QUERY_CODES:
        return QUERY_CODES[code]
    return SQS_PREFIX + code if code in PREFIXED else code


def wire_code(shape):
    """The name of an error in replies."""
    return shape.metadata.get("error", {}).get("code", shape.name)


def status(service, operation, code, shape):
    """The status of an error; None if the operation cannot return it."""
    if shape is None:
        if code in SIGNATURE:
            return 400 if service == "dynamodb" else SIGNATURE[code]
        return UNMODELLED.get((service, code), (None,))[0]
    if (service, code) in STATUSES:
        return STATUSES[service, code]
    return shape.metadata.get("error", {}).get("httpStatusCode", 400)


def omitted(service, operation, member):
    """Whether AWS omits a required member."""
    return (service, operation, member) in OMITTED
