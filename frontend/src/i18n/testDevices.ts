/** What a server would answer to the pages of devices. */
import { AT, HASH, marked, PERSON } from "./testMarks";

const CERTIFICATE = {
  id: "x-1",
  sha256: HASH,
  subject: marked("CN=Room 3"),
  issuer: marked("CN=Root"),
  serial_number: "7",
  key: "RSA 2048",
  starts_at: AT,
  ends_at: AT,
  state: "current",
  valid_from: AT,
  valid_until: AT,
  approved_by: PERSON,
  approved_at: AT,
  ended_by: null,
  ended_at: null,
  revoked_at: null,
  reason: null,
  note: "",
};
const DEVICE = {
  id: "d-1",
  name: marked("Room 3"),
  manufacturer: marked("Test Works"),
  model_name: "",
  serial_number: "1",
  ae_title: "",
  state: "trusted",
  version: 1,
  enrolled_at: AT,
  enrolled_by: PERSON,
  retired_at: null,
  certificate: CERTIFICATE,
};

export const DEVICE_ANSWERS = {
  devices: { items: [DEVICE, { ...DEVICE, id: "d-2", state: "retired" }], next_cursor: null },
  "devices/d-1": {
    ...DEVICE,
    certificates: [
      CERTIFICATE,
      {
        ...CERTIFICATE,
        id: "x-2",
        state: "revoked",
        ended_by: PERSON,
        ended_at: AT,
        revoked_at: AT,
        reason: "key_compromise",
      },
    ],
    history: [
      "device_enrolled",
      "device_changed",
      "certificate_replaced",
      "certificate_revoked",
      "device_retired",
    ].map((kind, position) => ({
      position,
      kind,
      label: "English",
      occurred_at: AT,
      actor: PERSON,
      changes: kind === "device_changed" ? { ae_title: ["", marked("ROOM3")] } : {},
    })),
  },
  "devices/authorities": [
    {
      ...CERTIFICATE,
      added_at: AT,
      added_by: PERSON,
      withdrawn_at: null,
      withdrawn_by: null,
      lists: [
        {
          id: "l-1",
          sha256: HASH,
          number: "7",
          this_update: AT,
          next_update: AT,
          entries: 2,
          is_current: true,
          added_at: AT,
          added_by: PERSON,
        },
      ],
    },
  ],
};
