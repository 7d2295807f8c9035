// AWS's SDK for JavaScript v3 beyond items: a reader of streams, PartiQL, backups, paginators and waiters.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  BackupNotFoundException,
  CreateBackupCommand,
  CreateTableCommand,
  DeleteBackupCommand,
  DeleteTableCommand,
  DescribeBackupCommand,
  DescribeContinuousBackupsCommand,
  DescribeExportCommand,
  DescribeTimeToLiveCommand,
  DuplicateItemException,
  DynamoDBClient,
  EnableKinesisStreamingDestinationCommand,
  ExportTableToPointInTimeCommand,
  ListBackupsCommand,
  ListTagsOfResourceCommand,
  RestoreTableFromBackupCommand,
  TagResourceCommand,
  TransactionCanceledException,
  UpdateContinuousBackupsCommand,
  UpdateContributorInsightsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  paginateListContributorInsights,
  paginateListExports,
  waitUntilContributorInsightsEnabled,
  waitUntilExportCompleted,
  waitUntilKinesisStreamingDestinationActive,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";
import {
  BatchExecuteStatementCommand,
  DynamoDBDocumentClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  PutCommand,
  ScanCommand,
} from "@aws-sdk/lib-dynamodb";

const settings = {
  endpoint: process.env.DYNEMU_URL,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
  maxAttempts: 1,
};
const client = new DynamoDBClient(settings);
const streams = new DynamoDBStreamsClient(settings);
const documents = DynamoDBDocumentClient.from(client);
const TableName = `js-services-${process.pid}`;
const waiting = { client, minDelay: 1, maxWaitTime: 30 };
const send = (command) => client.send(command);
let TableArn, StreamArn;

before(async () => {
  const { TableDescription } = await send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    }),
  );
  ({ TableArn, LatestStreamArn: StreamArn } = TableDescription);
  await waitUntilTableExists(waiting, { TableName });
});

after(async () => {
  await send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists(waiting, { TableName });
  client.destroy();
  streams.destroy();
});

test("a stream is read to its end, page by page", async () => {
  const bytes = new Uint8Array([0, 255]);
  for (let n = 0; n < 25; n++) await documents.send(new PutCommand({ TableName, Item: { pk: "streamed", n, bytes } }));
  await send(new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } }));
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
  assert.deepEqual(
    Streams.map((stream) => stream.StreamArn),
    [StreamArn],
  );
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const records = [];
  for (const { ShardId } of StreamDescription.Shards) {
    const begin = { StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" };
    let { ShardIterator } = await streams.send(new GetShardIteratorCommand(begin));
    while (ShardIterator) {
      const page = await streams.send(new GetRecordsCommand({ ShardIterator, Limit: 7 }));
      records.push(...page.Records);
      ShardIterator = page.NextShardIterator;
    }
    const trimmed = { ...begin, ShardIteratorType: "AT_SEQUENCE_NUMBER", SequenceNumber: "0".repeat(21) };
    await assert.rejects(streams.send(new GetShardIteratorCommand(trimmed)), TrimmedDataAccessException);
  }
  const counters = records.map((record) => record.dynamodb.NewImage.n.N);
  assert.deepEqual(counters, Array.from({ length: 25 }, (_, n) => String(n)));
  assert.deepEqual(
    records.map((record) => record.eventName),
    ["INSERT", ...Array(24).fill("MODIFY")],
  );
  const { dynamodb } = records[1];
  assert.deepEqual(dynamodb.Keys, { pk: { S: "streamed" } });
  assert.deepEqual(dynamodb.OldImage.bytes, { B: bytes });
  assert.ok(dynamodb.ApproximateCreationDateTime instanceof Date);
});

test("statements read and write documents", async () => {
  const insert = new ExecuteStatementCommand({
    Statement: `INSERT INTO "${TableName}" VALUE {'pk': ?, 'n': ?, 'list': ?}`,
    Parameters: ["stated", 1, [1, { a: null }]],
  });
  await documents.send(insert);
  await assert.rejects(documents.send(insert), DuplicateItemException);
  const select = { Statement: `SELECT * FROM "${TableName}" WHERE pk = ?`, Parameters: ["stated"] };
  const { Items } = await documents.send(new ExecuteStatementCommand(select));
  assert.deepEqual(Items, [{ pk: "stated", n: 1, list: [1, { a: null }] }]);

  const update = { Statement: `UPDATE "${TableName}" SET n = n + 1 WHERE pk = ?` };
  const known = { ...update, Parameters: ["stated"] };
  await documents.send(new ExecuteTransactionCommand({ TransactStatements: [known] }));
  const both = [known, { ...update, Parameters: ["nobody"] }];
  await assert.rejects(
    documents.send(new ExecuteTransactionCommand({ TransactStatements: both })),
    (error) => {
      assert.ok(error instanceof TransactionCanceledException);
      assert.deepEqual(
        error.CancellationReasons.map((reason) => reason.Code),
        ["None", "ConditionalCheckFailed"],
      );
      return true;
    },
  );
  const { Responses } = await documents.send(new BatchExecuteStatementCommand({ Statements: both }));
  assert.equal(Responses[0].Error, undefined);
  assert.equal(Responses[1].Error.Code, "ConditionalCheckFailed");
  const again = await documents.send(new ExecuteStatementCommand(select));
  assert.equal(again.Items[0].n, 3);
});

test("a selection goes on with its token", async () => {
  const keys = Array.from({ length: 9 }, (_, n) => `paged-${n}`);
  for (const pk of keys) await documents.send(new PutCommand({ TableName, Item: { pk } }));
  const found = [];
  const Statement = `SELECT pk FROM "${TableName}" WHERE begins_with(pk, 'paged-')`;
  let NextToken;
  do {
    const page = await documents.send(new ExecuteStatementCommand({ Statement, Limit: 4, NextToken }));
    found.push(...page.Items.map((item) => item.pk));
    ({ NextToken } = page);
  } while (NextToken);
  assert.deepEqual(found.sort(), keys);
});

test("a backup is described, listed, restored and deleted", async () => {
  const { BackupDetails } = await send(new CreateBackupCommand({ TableName, BackupName: "nightly" }));
  const { BackupArn } = BackupDetails;
  assert.ok(BackupDetails.BackupCreationDateTime instanceof Date);
  const { BackupDescription } = await send(new DescribeBackupCommand({ BackupArn }));
  assert.equal(BackupDescription.SourceTableDetails.TableName, TableName);
  const { BackupSummaries } = await send(new ListBackupsCommand({ TableName }));
  assert.deepEqual(
    BackupSummaries.map((backup) => backup.BackupArn),
    [BackupArn],
  );
  const copy = { TableName: `${TableName}-copy` };
  await send(new RestoreTableFromBackupCommand({ TargetTableName: copy.TableName, BackupArn }));
  await waitUntilTableExists(waiting, copy);
  const [original, restored] = await Promise.all(
    [TableName, copy.TableName].map((name) => documents.send(new ScanCommand({ TableName: name }))),
  );
  assert.ok(restored.Count > 0);
  assert.equal(restored.Count, original.Count);
  await send(new DeleteTableCommand(copy));
  await waitUntilTableNotExists(waiting, copy);
  await send(new DeleteBackupCommand({ BackupArn }));
  await assert.rejects(send(new DescribeBackupCommand({ BackupArn })), BackupNotFoundException);
});

test("tags and expiry are read back", async () => {
  await send(new TagResourceCommand({ ResourceArn: TableArn, Tags: [{ Key: "team", Value: "ducks" }] }));
  const { Tags } = await send(new ListTagsOfResourceCommand({ ResourceArn: TableArn }));
  assert.deepEqual(Tags, [{ Key: "team", Value: "ducks" }]);
  const TimeToLiveSpecification = { Enabled: true, AttributeName: "expires" };
  await send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  const { TimeToLiveDescription } = await send(new DescribeTimeToLiveCommand({ TableName }));
  assert.deepEqual(TimeToLiveDescription, { TimeToLiveStatus: "ENABLED", AttributeName: "expires" });
});

test("waiters and paginators see what goes on by itself", async () => {
  await send(new UpdateContributorInsightsCommand({ TableName, ContributorInsightsAction: "ENABLE" }));
  await waitUntilContributorInsightsEnabled(waiting, { TableName });
  const insights = [];
  for await (const page of paginateListContributorInsights({ client }, { TableName })) {
    insights.push(...page.ContributorInsightsSummaries);
  }
  assert.deepEqual(
    insights.map((summary) => summary.ContributorInsightsStatus),
    ["ENABLED"],
  );

  const destination = "arn:aws:kinesis:us-east-1:123456789012:stream/changes";
  await send(new EnableKinesisStreamingDestinationCommand({ TableName, StreamArn: destination }));
  await waitUntilKinesisStreamingDestinationActive(waiting, { TableName });

  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
  const { ContinuousBackupsDescription } = await send(new DescribeContinuousBackupsCommand({ TableName }));
  const recovery = ContinuousBackupsDescription.PointInTimeRecoveryDescription;
  assert.ok(recovery.EarliestRestorableDateTime <= recovery.LatestRestorableDateTime);

  const exporting = new ExportTableToPointInTimeCommand({ TableArn, S3Bucket: "bucket" });
  const { ExportArn } = (await send(exporting)).ExportDescription;
  await waitUntilExportCompleted(waiting, { ExportArn });
  const { ExportDescription } = await send(new DescribeExportCommand({ ExportArn }));
  const { Count } = await documents.send(new ScanCommand({ TableName, Select: "COUNT" }));
  assert.equal(ExportDescription.ItemCount, Count);
  const exports = [];
  for await (const page of paginateListExports({ client, pageSize: 1 }, { TableArn })) {
    exports.push(...page.ExportSummaries);
  }
  assert.deepEqual(
    exports.map((summary) => summary.ExportArn),
    [ExportArn],
  );
});
