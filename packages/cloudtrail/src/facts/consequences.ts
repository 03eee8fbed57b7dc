/**
 * What each operation of Amazon IVS, once it has succeeded, lets its caller do next or takes from others. One line an
 * operation, about the call and not about intentions; the person who reads an alert at night should not have to know
 * IVS. Source: the API references of IVS low-latency streaming, real-time streaming and chat. Where an operation gives
 * its caller nothing that matters, `none` says why.
 */
export type Consequence = { readonly line: string } | { readonly none: string };

function line(text: string): Consequence {
  return { line: text };
}
function none(reason: string): Consequence {
  return { none: reason };
}

const tagged = "Tags decide access and exceptions wherever policies test them; these changed.";

export const lowLatencyConsequences: Readonly<Record<string, Consequence>> = {
  BatchGetChannel: line(
    "The caller knows the ingest endpoints and playback URLs of these channels, and SRT passphrases where set.",
  ),
  BatchGetStreamKey: line(
    "The caller holds these stream keys and can broadcast as their channels until the keys are deleted.",
  ),
  BatchStartViewerSessionRevocation: line(
    "These viewers are cut off from private channels until they get new playback tokens.",
  ),
  CreateAdConfiguration: line("Channels can be given these MediaTailor ad sources."),
  CreateChannel: line(
    "The caller holds the new channel's stream key and can broadcast through it at this account's cost.",
  ),
  CreatePlaybackRestrictionPolicy: line(
    "Channels can be given this policy, which decides the countries and origins that may play them.",
  ),
  CreateRecordingConfiguration: line(
    "Channels can be given this configuration, which sends their recordings to its bucket.",
  ),
  CreateStreamKey: line("The caller holds the channel's new stream key and can broadcast as the channel."),
  DeleteAdConfiguration: line("This ad configuration is gone and can be given to no channel."),
  DeleteChannel: line(
    "The channel and its stream keys are gone; its ARN, ingest endpoint and playback URL cannot be recovered.",
  ),
  DeletePlaybackKeyPair: line(
    "Playback tokens signed with this key no longer open private channels: their viewers are locked out.",
  ),
  DeletePlaybackRestrictionPolicy: line("This restriction policy is gone and can be given to no channel."),
  DeleteRecordingConfiguration: line(
    "This recording configuration is gone; recordings made with it stay in their bucket.",
  ),
  DeleteStreamKey: line("The deleted key no longer broadcasts. The channel needs a new one."),
  GetAdConfiguration: none("It shows settings that let nobody do anything."),
  GetChannel: line(
    "The caller knows the channel's ingest endpoint and playback URL, and its SRT passphrase where one is set.",
  ),
  GetPlaybackKeyPair: none("It shows the fingerprint of a public key, which opens nothing."),
  GetPlaybackRestrictionPolicy: none("It shows settings that let nobody do anything."),
  GetRecordingConfiguration: none("It shows a bucket's name; reading the bucket needs rights of its own."),
  GetStream: line("The caller knows whether the channel is live, and its playback URL."),
  GetStreamKey: line(
    "The caller holds this stream key and can broadcast as its channel until the key is deleted.",
  ),
  GetStreamSession: line(
    "The caller knows how this stream was ingested, and the channel's SRT passphrase where one is set.",
  ),
  ImportPlaybackKeyPair: line(
    "Whoever holds the private key can sign playback tokens that open this account's private channels in the region.",
  ),
  InsertAdBreak: line("Viewers of the live stream see an ad break."),
  ListAdConfigurations: line("The caller knows the ad configurations of the account in this region."),
  ListChannels: line("The caller knows the channels of the account in this region, by ARN and name."),
  ListPlaybackKeyPairs: none("It shows fingerprints of public keys, which open nothing."),
  ListPlaybackRestrictionPolicies: line("The caller knows which restriction policies exist in this region."),
  ListRecordingConfigurations: line("The caller knows the buckets that recordings go to in this region."),
  ListStreamKeys: line("The caller knows the ARNs of the channel's stream keys, not the keys themselves."),
  ListStreamSessions: line("The caller knows when the channel streamed."),
  ListStreams: line("The caller knows which channels are live in this region now."),
  ListTagsForResource: none("It shows tags that let nobody do anything."),
  PutMetadata: line(
    "Players of the live stream received the caller's metadata and act on it as their code says.",
  ),
  StartViewerSessionRevocation: line(
    "This viewer is cut off from the private channel until they get a new playback token.",
  ),
  StopStream: line(
    "The live stream was disconnected. An encoder that holds the stream key can connect again at once.",
  ),
  TagResource: line(tagged),
  UntagResource: line(tagged),
  UpdateAdConfiguration: line("Channels with this ad configuration show ads from the sources it names now."),
  UpdateChannel: line("The channel's new settings take effect with its next stream."),
  UpdatePlaybackRestrictionPolicy: line(
    "Channels with this policy play, or no longer play, in the countries and on the origins it names now.",
  ),
};

export const realTimeConsequences: Readonly<Record<string, Consequence>> = {
  CreateEncoderConfiguration: line("Compositions can encode video with these settings."),
  CreateIngestConfiguration: line(
    "The caller holds a stream key with which an encoder can publish into the stage.",
  ),
  CreateParticipantToken: line(
    "Whoever holds the token can join the stage with the capabilities it names, until it expires.",
  ),
  CreateStage: line("The caller owns a new stage and holds the participant tokens that the call asked for."),
  CreateStorageConfiguration: line("Compositions and stages can be recorded to this bucket."),
  DeleteEncoderConfiguration: line("No new composition can use this encoder configuration."),
  DeleteIngestConfiguration: line("Its stream key no longer publishes into the stage."),
  DeletePublicKey: line(
    "Participant tokens signed with this key no longer open stages: their holders are locked out.",
  ),
  DeleteStage: line("The stage is gone; all its participants are disconnected."),
  DeleteStorageConfiguration: line(
    "Nothing can be recorded with this storage configuration; earlier recordings stay in their bucket.",
  ),
  DisconnectParticipant: line("This participant was disconnected from the stage."),
  GetComposition: line("The caller knows where this composition sends its video."),
  GetEncoderConfiguration: none("It shows settings that let nobody do anything."),
  GetIngestConfiguration: line(
    "The caller holds this configuration's stream key and can publish into its stage.",
  ),
  GetParticipant: line("The caller knows this participant's user id, attributes and network."),
  GetPublicKey: none("It shows a public key, which opens nothing."),
  GetStage: line("The caller knows the stage's endpoints."),
  GetStageSession: none("It shows when a session began and ended."),
  GetStorageConfiguration: none("It shows a bucket's name; reading the bucket needs rights of its own."),
  ImportPublicKey: line(
    "Whoever holds the private key can sign participant tokens that open this account's stages in the region.",
  ),
  ListCompositions: line("The caller knows which compositions run in this region and where they send video."),
  ListEncoderConfigurations: none("It shows names of settings."),
  ListIngestConfigurations: line(
    "The caller knows which ingest configurations exist, not their stream keys.",
  ),
  ListParticipantEvents: line("The caller knows what this participant did in the stage."),
  ListParticipantReplicas: line("The caller knows into which stages this participant is replicated."),
  ListParticipants: line("The caller knows who took part in the stage's session."),
  ListPublicKeys: none("It shows ARNs of public keys, which open nothing."),
  ListStageSessions: line("The caller knows when the stage was in use."),
  ListStages: line("The caller knows the stages of the account in this region."),
  ListStorageConfigurations: line("The caller knows the buckets that recordings go to in this region."),
  ListTagsForResource: none("It shows tags that let nobody do anything."),
  StartComposition: line(
    "The stage's video is sent to the destinations that the call names, until the composition stops.",
  ),
  StartParticipantReplication: line("This participant's video is shown in the destination stage as well."),
  StopComposition: line(
    "The composition ended: its channels and recordings get no more video from the stage.",
  ),
  StopParticipantReplication: line("This participant's video is no longer shown in the destination stage."),
  TagResource: line(tagged),
  UntagResource: line(tagged),
  UpdateIngestConfiguration: line(
    "The configuration's stream key now publishes into the stage that the call names.",
  ),
  UpdateStage: line("The stage has the name and the participant recording that the call asked for."),
};

export const chatConsequences: Readonly<Record<string, Consequence>> = {
  CreateChatToken: line(
    "Whoever holds the token can enter the room with the capabilities it names, until it expires.",
  ),
  CreateLoggingConfiguration: line(
    "Rooms can be given this configuration, which copies their messages to its destination.",
  ),
  CreateRoom: line("A new chat room exists, with the review handler and the logging that the call names."),
  DeleteLoggingConfiguration: line("Messages are no longer copied to this configuration's destination."),
  DeleteMessage: line("Clients were told to remove this message from the room."),
  DeleteRoom: line("The room is gone; everyone in it is disconnected."),
  DisconnectUser: line("This user was disconnected from the room, and can come back with a new token."),
  GetLoggingConfiguration: none("It shows where messages are copied to; reading them needs rights there."),
  GetRoom: line("The caller knows which function reviews the room's messages and where they are logged."),
  ListLoggingConfigurations: line("The caller knows where chat messages of this region are copied to."),
  ListRooms: line("The caller knows the chat rooms of the account in this region."),
  ListTagsForResource: none("It shows tags that let nobody do anything."),
  SendEvent: line(
    "Everyone in the room received the caller's event, and clients act on it as their code says.",
  ),
  TagResource: line(tagged),
  UntagResource: line(tagged),
  UpdateLoggingConfiguration: line(
    "Messages of rooms with this configuration are copied to the destination that it names now.",
  ),
  UpdateRoom: line("The room has the limits, review handler and logging that the call asked for."),
};
