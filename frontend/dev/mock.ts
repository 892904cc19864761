/** A stand-in for the server, for `vite --mode mock` only; nothing of it reaches the build. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Plugin } from "vite";
import { WebSocketServer } from "ws";

import { answer, type Answer, type Call } from "./mock/routes.ts";
import { World } from "./mock/world.ts";

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function readForm(body: Buffer): Call["form"] {
  const head = body.toString("latin1");
  const fileName = /name="file"; filename="([^"]*)"/.exec(head)?.[1] ?? "file";
  const relativePath = /name="relative_path"\r\n\r\n([^\r]*)/.exec(head)?.[1] ?? "";
  return { fileName, relativePath, sizeBytes: body.length };
}

async function readCall(request: IncomingMessage, url: URL): Promise<Call> {
  const body = await readBody(request);
  const isForm = (request.headers["content-type"] ?? "").startsWith("multipart/");
  return {
    method: request.method ?? "GET",
    query: url.searchParams,
    json: !isForm && body.length > 0 ? (JSON.parse(body.toString("utf8")) as unknown) : null,
    form: isForm ? readForm(body) : null,
  };
}

function write(response: ServerResponse, result: Answer): void {
  response.statusCode = result.status;
  if ("bytes" in result) {
    response.setHeader("Content-Type", result.type);
    response.end(result.bytes);
    return;
  }
  const type = result.status >= 400 ? "application/problem+json" : "application/json";
  response.setHeader("Content-Type", type);
  response.end(JSON.stringify(result.json));
}

export function mockBackend(): Plugin {
  return {
    name: "truefilm-mock-backend",
    apply: "serve",
    configureServer(server) {
      const world = new World();
      const sockets = new WebSocketServer({ noServer: true });
      world.send = (news) => {
        for (const socket of sockets.clients) socket.send(JSON.stringify(news));
      };
      sockets.on("connection", (socket) => socket.send(JSON.stringify({ kind: "hello" })));
      server.httpServer?.on("upgrade", (request, socket, head) => {
        if (request.url?.startsWith("/ws/events") !== true) return;
        sockets.handleUpgrade(request, socket, head, (client) => {
          sockets.emit("connection", client, request);
        });
      });
      server.middlewares.use((request, response, next) => {
        const url = new URL(request.url ?? "/", "http://mock");
        if (!url.pathname.startsWith("/api/v1/")) {
          next();
          return;
        }
        const path = url.pathname.slice("/api/v1".length);
        readCall(request, url)
          .then((call) => write(response, answer(world, path, call)))
          .catch(next);
      });
    },
  };
}
