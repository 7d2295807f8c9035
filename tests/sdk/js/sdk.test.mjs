// What an application does with AWS's SDK for JavaScript v3, against the endpoint in DYNEMU_URL.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  ResourceNotFoundException,
  TransactionCanceledException,
  paginateListTables,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
  paginateQuery,
  paginateScan,
} from "@aws-sdk/lib-dynamodb";

const client = new DynamoDBClient({
  endpoint: process.env.DYNEMU_URL,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
  maxAttempts: 1,
});
const documents = DynamoDBDocumentClient.from(client);
const TableName = `js-${process.pid}`;

before(async () => {
  const created = await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "N" },
        { AttributeName: "owner", AttributeType: "S" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-owner",
          KeySchema: [{ AttributeName: "owner", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
  assert.equal(created.TableDescription.TableStatus, "CREATING");
  assert.ok(created.TableDescription.CreationDateTime instanceof Date);
  await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 10 }, { TableName });
});

after(async () => {
  await client.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists({ client, minDelay: 1, maxWaitTime: 10 }, { TableName });
  client.destroy();
});

test("a document comes back as it went in", async () => {
  const item = {
    pk: "types",
    sk: 1,
    text: "Zoë — 漢字 — 🦆",
    empty: "",
    none: null,
    yes: true,
    float: -12.5,
    list: [1, "two", { three: [3] }],
    map: { "a.b": { c: [] } },
    bytes: new Uint8Array([0, 1, 254, 255]),
    words: new Set(["a", "b"]),
    numbers: new Set([1, 2]),
  };
  await documents.send(new PutCommand({ TableName, Item: item }));
  const { Item } = await documents.send(new GetCommand({ TableName, Key: { pk: "types", sk: 1 } }));
  assert.deepEqual(Item, item);
});

test("a missing item is undefined", async () => {
  const answer = await documents.send(new GetCommand({ TableName, Key: { pk: "nobody", sk: 0 } }));
  assert.equal(answer.Item, undefined);
});

test("an update returns what it changed", async () => {
  const { Attributes } = await documents.send(
    new UpdateCommand({
      TableName,
      Key: { pk: "counter", sk: 0 },
      UpdateExpression: "ADD hits :one SET #o = if_not_exists(#o, :who)",
      ExpressionAttributeNames: { "#o": "owner" },
      ExpressionAttributeValues: { ":one": 1, ":who": "ann" },
      ReturnValues: "ALL_NEW",
    }),
  );
  assert.deepEqual(Attributes, { pk: "counter", sk: 0, hits: 1, owner: "ann" });
});

test("a failed condition is its own class and brings the item", async () => {
  const Item = { pk: "taken", sk: 1 };
  await documents.send(new PutCommand({ TableName, Item }));
  const again = new PutCommand({
    TableName,
    Item,
    ConditionExpression: "attribute_not_exists(pk)",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  await assert.rejects(documents.send(again), (error) => {
    assert.ok(error instanceof ConditionalCheckFailedException);
    assert.equal(error.message, "The conditional request failed");
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.deepEqual(error.Item, { pk: { S: "taken" }, sk: { N: "1" } });
    return true;
  });
});

test("an unknown table is its own class", async () => {
  const get = new GetCommand({ TableName: "js-nowhere", Key: { pk: "a", sk: 1 } });
  await assert.rejects(documents.send(get), (error) => {
    assert.ok(error instanceof ResourceNotFoundException);
    assert.equal(error.message, "Requested resource not found");
    return true;
  });
});

test("a cancelled transaction says which action failed", async () => {
  const put = (sk, more) => ({ Put: { TableName, Item: { pk: "transaction", sk }, ...more } });
  const refused = put(2, { ConditionExpression: "attribute_exists(pk)" });
  await assert.rejects(
    documents.send(new TransactWriteCommand({ TransactItems: [put(1), refused] })),
    (error) => {
      assert.ok(error instanceof TransactionCanceledException);
      assert.deepEqual(
        error.CancellationReasons.map((reason) => reason.Code),
        ["None", "ConditionalCheckFailed"],
      );
      return true;
    },
  );
  await documents.send(new TransactWriteCommand({ TransactItems: [put(1), put(2)] }));
  const { Item } = await documents.send(new GetCommand({ TableName, Key: { pk: "transaction", sk: 2 } }));
  assert.deepEqual(Item, { pk: "transaction", sk: 2 });
});

test("batches and paginators see every item", async () => {
  const items = Array.from({ length: 25 }, (_, sk) => ({ pk: "page", sk, owner: "bob" }));
  const written = await documents.send(
    new BatchWriteCommand({ RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) } }),
  );
  assert.deepEqual(written.UnprocessedItems, {});

  const read = await documents.send(
    new BatchGetCommand({ RequestItems: { [TableName]: { Keys: items.map(({ pk, sk }) => ({ pk, sk })) } } }),
  );
  assert.equal(read.Responses[TableName].length, 25);

  const queried = [];
  const query = {
    TableName,
    KeyConditionExpression: "pk = :pk AND sk >= :low",
    ExpressionAttributeValues: { ":pk": "page", ":low": 5 },
  };
  for await (const page of paginateQuery({ client: documents, pageSize: 7 }, query)) queried.push(...page.Items);
  assert.deepEqual(queried, items.slice(5));

  let indexed = 0;
  const scan = { TableName, IndexName: "by-owner", FilterExpression: "pk = :pk" };
  scan.ExpressionAttributeValues = { ":pk": "page" };
  for await (const page of paginateScan({ client: documents, pageSize: 10 }, scan)) indexed += page.Count;
  assert.equal(indexed, 25);
});

test("tables are listed", async () => {
  const { TableNames } = await client.send(new ListTablesCommand({}));
  assert.ok(TableNames.includes(TableName));
  const paged = [];
  for await (const page of paginateListTables({ client, pageSize: 1 }, {})) paged.push(...page.TableNames);
  assert.ok(paged.includes(TableName));
});
