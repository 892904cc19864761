/** One file to the server, with progress; fetch cannot tell how much it has sent. */
import { t } from "@lingui/core/macro";
import { ApiError, apiUrl, errorFromBody, readCsrfToken } from "@/api/client";
import type { UploadItem } from "@/api/types";

export interface SendOptions {
  uploadId: string;
  file: File;
  relativePath: string;
  onProgress: (sentBytes: number) => void;
  signal: AbortSignal;
}

export type SendFile = (options: SendOptions) => Promise<UploadItem>;

export const sendFile: SendFile = ({ uploadId, file, relativePath, onProgress, signal }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    // Fields before the file: the server may then know the path while it streams the bytes.
    form.append("relative_path", relativePath);
    form.append("file", file, file.name);
    const stop = () => request.abort();
    signal.addEventListener("abort", stop, { once: true });
    request.upload.addEventListener("progress", (event) => {
      onProgress(Math.min(event.loaded, file.size));
    });
    request.addEventListener("load", () => {
      try {
        if (request.status >= 400 || request.status === 0) {
          throw errorFromBody(request.status, request.responseText);
        }
        resolve(JSON.parse(request.responseText) as UploadItem);
      } catch (error) {
        reject(error instanceof ApiError ? error : unreadable(request.status));
      }
    });
    request.addEventListener("error", () => {
      reject(new ApiError(0, "unreachable", t`The connection broke while the file was sent.`));
    });
    request.addEventListener("abort", () => {
      reject(new DOMException("The file was cancelled.", "AbortError"));
    });
    request.addEventListener("loadend", () => signal.removeEventListener("abort", stop));
    request.open("POST", apiUrl(`/uploads/${uploadId}/files`));
    request.setRequestHeader("X-CSRFToken", readCsrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.send(form);
  });

function unreadable(status: number): ApiError {
  return new ApiError(status, "not_json", t`The server's answer cannot be read.`);
}
