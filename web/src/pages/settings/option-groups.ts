import { type OptionName, options } from "../../registry/options.ts";
import { optionLabel } from "./option-label.ts";
import type { OptionSpec } from "./option-spec.ts";

/** Options that stand and are saved together. */
export interface OptionGroup {
  id: string;
  title: string;
  lead: string;
  /** Whether members may lose access when one of them is switched on: then it is shown who, before anything is saved. */
  isRequirement?: true;
  options: readonly OptionName[];
}

/** Which option stands where. Each stands in exactly one group; a test sees to it that none is forgotten. */
export const optionGroups: readonly OptionGroup[] = [
  {
    id: "membership",
    title: "Membership",
    lead: "Who comes in, and what plain members may do.",
    options: [
      "allowMemberInvite",
      "allowJoinRequests",
      "openMembership",
      "allowMemberProjectCreation",
      "eventsMemberAdmin",
      "alertsMemberWrite",
      "allowSharedIssues",
    ],
  },
  {
    id: "requirements",
    title: "Requirements",
    lead: "What everybody needs to get in. Who lacks it is asked for it, and waits outside until then.",
    isRequirement: true,
    options: ["require2FA", "requireEmailVerification"],
  },
  {
    id: "access",
    title: "Access",
    lead: "Who may see what is confidential.",
    options: ["attachmentsRole", "debugFilesRole", "allowSuperuserAccess"],
  },
  {
    id: "privacy",
    title: "Privacy",
    lead: "What is kept of what comes in, and what is scrubbed first.",
    options: [
      "enhancedPrivacy",
      "dataScrubber",
      "dataScrubberDefaults",
      "scrubIPAddresses",
      "sensitiveFields",
      "safeFields",
      "relayPiiConfig",
      "scrapeJavaScript",
      "storeCrashReports",
    ],
  },
  {
    id: "relays",
    title: "Trusted relays",
    lead: "Servers of your own that pass events on, each known by its key.",
    options: ["trustedRelays", "ingestThroughTrustedRelaysOnly"],
  },
  {
    id: "notifications",
    title: "Notifications and code",
    lead: "What is said where: in the chat, in pull requests, in mails.",
    options: [
      "issueAlertsThreadFlag",
      "metricAlertsThreadFlag",
      "githubPRBot",
      "githubOpenPRBot",
      "githubNudgeInvite",
      "gitlabPRBot",
      "codecovAccess",
      "rollbackEnabled",
    ],
  },
  {
    id: "limits",
    title: "Limits and sampling",
    lead: "How much is accepted and kept.",
    options: ["apdexThreshold", "accountRateLimit", "projectRateLimit", "samplingMode", "targetSampleRate"],
  },
  {
    id: "features",
    title: "Features",
    lead: "What is there to be tried, or left alone.",
    options: ["isEarlyAdopter", "hideAiFeatures"],
  },
];

/** The options of a group, in its order. */
export function specsOf(group: OptionGroup): OptionSpec[] {
  const position = (name: OptionName) => group.options.indexOf(name);
  return options
    .filter(({ name }) => group.options.includes(name))
    .toSorted((one, other) => position(one.name) - position(other.name))
    .map((option) => ({ ...option, label: optionLabel(option.name) }));
}
