/** Asks and changes the registry; what comes back is shown at once, the lists are asked anew. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api } from "@/api/client";
import { keys } from "@/api/queries";
import type {
  AddedList,
  Authority,
  CertificateRole,
  Device,
  DeviceDetail,
  Inspection,
  Page,
} from "@/api/types";

const PAGE_SIZE = 100;
const SETTLE_MS = 250;

export function useDeviceList(filters: { q: string; shown: string }) {
  return useInfiniteQuery({
    queryKey: keys.deviceList(filters),
    queryFn: ({ pageParam, signal }) =>
      api<Page<Device>>("/devices", {
        query: { ...filters, cursor: pageParam, limit: PAGE_SIZE },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

interface Deed {
  /** Below /devices; empty: the registry itself. */
  readonly path: string;
  readonly method?: "POST" | "PUT";
  readonly body: object;
}

/** A change of one device; answers with the device as it is then. */
export function useDeviceDeed() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, method = "POST", body }: Deed) =>
      api<DeviceDetail>(`/devices${path}`, { method, body }),
    onSuccess: (device) => {
      client.setQueryData(keys.device(device.id), device);
      void client.invalidateQueries({ queryKey: keys.devices });
    },
  });
}

export function useAuthorityDeed() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, body }: Deed) =>
      api<Authority>(`/devices/authorities${path}`, { method: "POST", body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.devices }),
  });
}

export function useAddList() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (content: string) =>
      api<AddedList>("/devices/revocation-lists", { method: "POST", body: { content } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.devices }),
  });
}

/** What the server says of a certificate, once the reader has stopped typing. Nothing is kept. */
export function useInspection(content: string, role: CertificateRole) {
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(content), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [content]);
  const isSettled = settled === content;
  const inspection = useQuery({
    queryKey: ["inspect", role, settled],
    queryFn: ({ signal }) =>
      api<Inspection>("/devices/inspect", {
        method: "POST",
        body: { content: settled, role },
        signal,
      }),
    enabled: isSettled && content !== "",
    retry: false,
    staleTime: Infinity,
    gcTime: 0,
  });
  return { ...inspection, isWaiting: content !== "" && (!isSettled || inspection.isPending) };
}
