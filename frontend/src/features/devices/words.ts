/** States, reasons and deeds of the registry in words, each state with its sign. */
import { t } from "@lingui/core/macro";
import { Archive, BadgeCheck, CalendarX2, Hourglass, ShieldX } from "lucide-react";
import type { LucideIcon } from "lucide-react";

import type {
  DeviceCertificate,
  DeviceEvent,
  DeviceState,
  RevocationReason,
} from "@/api/types";
import { formatDate } from "@/ui/format";

export interface StateLook {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly tone: "green" | "amber" | "red" | "grey";
}

export const DEVICE_STATES: Record<DeviceState, StateLook> = {
  trusted: { label: t`Trusted`, icon: BadgeCheck, tone: "green" },
  expires_soon: { label: t`Expires soon`, icon: Hourglass, tone: "amber" },
  expired: { label: t`Expired`, icon: CalendarX2, tone: "amber" },
  revoked: { label: t`Revoked`, icon: ShieldX, tone: "red" },
  retired: { label: t`Retired`, icon: Archive, tone: "grey" },
};

export const CERTIFICATE_STATES: Record<DeviceCertificate["state"], StateLook> = {
  current: { label: t`Current`, icon: BadgeCheck, tone: "green" },
  replaced: { label: t`Replaced`, icon: Archive, tone: "grey" },
  retired: { label: t`Retired`, icon: Archive, tone: "grey" },
  revoked: { label: t`Revoked`, icon: ShieldX, tone: "red" },
};

export const REASONS: Record<RevocationReason, string> = {
  key_compromise: t`The key was stolen, lost or copied`,
  device_compromise: t`The device was tampered with`,
  wrong_device: t`Enrolled by mistake, or as another device`,
  ceased: t`The device is not ours any more`,
  listed: t`An authority's revocation list names it`,
  other: t`Another reason`,
};

/** Those that a person may give. */
export const GIVEN_REASONS = (Object.keys(REASONS) as RevocationReason[]).filter(
  (reason) => reason !== "listed",
);

const DEEDS: Record<string, string> = {
  device_enrolled: t`Enrolled`,
  device_changed: t`Changed`,
  certificate_replaced: t`Certificate replaced`,
  certificate_revoked: t`Certificate revoked`,
  device_retired: t`Retired`,
};

const FIELDS: Record<string, string> = {
  name: t`Name`,
  manufacturer: t`Manufacturer`,
  model_name: t`Model`,
  serial_number: t`Serial number`,
  ae_title: t`AE title`,
};

export function deedName({ kind, label }: Pick<DeviceEvent, "kind" | "label">): string {
  return DEEDS[kind] ?? label;
}

/** "Serial number: SN-1 is now SN-2"; what was empty is called so. */
export function changeLines({ changes }: Pick<DeviceEvent, "changes">): string[] {
  return Object.entries(changes ?? {}).map(([field, values]) => {
    const name = FIELDS[field] ?? field;
    const [was, is] = [values[0] || t`nothing`, values[1] || t`nothing`];
    return t`${name}: ${was} is now ${is}`;
  });
}

/** What a list of devices says of the certificate beside the state. */
export function untilWords(certificate: DeviceCertificate): string {
  if (certificate.revoked_at !== null) return t`revoked ${formatDate(certificate.revoked_at)}`;
  return formatDate(certificate.valid_until);
}

/** A fingerprint in groups of four, to be read out and compared. */
export function groupHex(hex: string): string {
  return hex.match(/.{1,4}/g)?.join(" ") ?? hex;
}
