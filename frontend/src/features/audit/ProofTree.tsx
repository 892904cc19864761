import { plural, t } from "@lingui/core/macro";
import type { ProofStep } from "./merkle";
import { shortHash } from "@/ui/format";

const BOX = { width: 118, height: 22 };
const ROW_PX = 40;
const WIDTH = 290;
const X = { left: 70, right: WIDTH - 70, root: WIDTH / 2 };

interface Node {
  x: number;
  y: number;
  hash: string;
  kind: "path" | "sibling";
}

interface Level {
  own: Node;
  sibling: Node | null;
}

/** The entry's node of each level with its sibling beside it, the leaf lowest, the root on top. */
function layOut(leafHash: string, steps: readonly ProofStep[]): Level[] {
  const depth = steps.length;
  const levels: Level[] = [];
  for (let level = 0; level <= depth; level += 1) {
    const y = 16 + (depth - level) * ROW_PX;
    const hash = level === 0 ? leafHash : (steps[level - 1]?.parent ?? "");
    const step = steps[level];
    const side = step === undefined ? "root" : step.siblingSide === "left" ? "right" : "left";
    levels.push({
      own: { x: X[side], y, hash, kind: "path" },
      sibling:
        step === undefined
          ? null
          : { x: X[step.siblingSide], y, hash: step.sibling, kind: "sibling" },
    });
  }
  return levels;
}

/** The proof path as a small tree; the numbers are also listed below it. */
export function ProofTree({ leafHash, steps }: { leafHash: string; steps: ProofStep[] }) {
  const levels = layOut(leafHash, steps);
  const height = 32 + steps.length * ROW_PX;
  return (
    <svg
      className="proof-tree"
      viewBox={`0 0 ${WIDTH} ${height}`}
      role="img"
      aria-label={plural(steps.length, {
        one: "The entry's hash is joined with # sibling up to the root.",
        other: "The entry's hash is joined with # siblings up to the root.",
      })}
    >
      {levels.map((level, index) => {
        const parent = levels[index + 1]?.own;
        if (parent === undefined) return null;
        return [level.own, level.sibling].map((child) =>
          child === null ? null : (
            <path
              key={`${child.kind}-${index}`}
              className={`proof-line proof-line-${child.kind}`}
              d={`M${child.x} ${child.y - BOX.height / 2}V${child.y - ROW_PX / 2}H${parent.x}V${parent.y + BOX.height / 2}`}
            />
          ),
        );
      })}
      {levels.map((level, index) => (
        <g key={level.own.hash}>
          <NodeBox
            node={level.own}
            name={index === 0 ? t`entry` : index === steps.length ? t`root` : null}
          />
          {level.sibling === null ? null : <NodeBox node={level.sibling} name={null} />}
        </g>
      ))}
    </svg>
  );
}

function NodeBox({ node, name }: { node: Node; name: string | null }) {
  return (
    <g className={`proof-node proof-node-${node.kind}`}>
      <title>{node.hash}</title>
      <rect
        x={node.x - BOX.width / 2}
        y={node.y - BOX.height / 2}
        width={BOX.width}
        height={BOX.height}
        rx={4}
      />
      <text x={node.x} y={node.y + 4} textAnchor="middle">
        {name === null ? shortHash(node.hash) : `${name} ${shortHash(node.hash)}`}
      </text>
    </g>
  );
}
