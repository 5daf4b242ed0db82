// What a function was deployed with, and its replicas one by one.

import * as api from "./api.js";
import { h, put, table } from "./dom.js";
import { stamp } from "./format.js";

export function settingsTab(fn) {
  const triggers = h("section", { class: "card", hidden: true });
  const element = h("div", { class: "settings" }, h("p", { class: "muted" }, "Loading…"));

  const pairs = (title, values) => {
    const entries = Object.entries(values ?? {}).sort(([a], [b]) => a.localeCompare(b));
    return h("section", { class: "card" }, h("h2", {}, title), entries.length
      ? h("dl", { class: "pairs" }, entries.map(([key, value]) => [h("dt", {}, key), h("dd", {}, String(value))]))
      : h("p", { class: "muted" }, "None"));
  };

  function show(status) {
    const facts = {
      Image: status.image, Namespace: status.namespace, Command: status.envProcess ?? "the image's own",
      Deployed: stamp(status.createdAt), Replicas: `${status.availableReplicas ?? 0} of ${status.replicas ?? 0} take calls`,
      "Root file system": status.readOnlyRootFilesystem ? "read-only" : "writable",
      Memory: limits(status, "memory"), CPU: limits(status, "cpu"),
      Secrets: status.secrets?.join(", ") || "none", Constraints: status.constraints?.join(", ") || "none",
    };
    put(element,
      h("section", { class: "card" }, h("h2", {}, "Replicas"), status.instances?.length
        ? table("Replicas", ["Replica", "State", "Address", "Made", "Deployment"], status.instances.map((instance) => [
          h("span", { class: "code" }, instance.name), instance.state, instance.address ?? "–", stamp(instance.createdAt),
          instance.current === false ? "earlier" : "current"])).element
        : h("p", { class: "muted" }, "There is none.")),
      triggers,
      h("section", { class: "card" }, h("h2", {}, "Deployment"),
        h("dl", { class: "pairs" }, Object.entries(facts).map(([key, value]) => [h("dt", {}, key), h("dd", {}, value)]))),
      pairs("Environment", status.envVars), pairs("Labels", status.labels), pairs("Annotations", status.annotations),
      h("details", { class: "card" }, h("summary", {}, "As JSON"), h("pre", { tabindex: "0" }, JSON.stringify(status, null, 2))));
    showTriggers();
  }

  async function showTriggers() {
    // A gateway without a queue has no triggers, and an older one not even the route.
    const found = await api.triggers(fn).catch(() => []);
    triggers.hidden = found.length === 0;
    put(triggers, h("h2", {}, "Triggers"), table("Triggers", ["Topic", "Schedule", "Next run", "Last run", "Delivered", "Last error"],
      found.map((trigger) => [trigger.topic, [trigger.schedule, trigger.timezone].filter(Boolean).join(" ") || "–",
        trigger.nextRunAt ? stamp(trigger.nextRunAt) : "–", trigger.lastRunAt ? stamp(trigger.lastRunAt) : "–",
        String(trigger.delivered ?? "–"), trigger.lastError ?? "–"])).element);
  }

  const limits = (status, kind) => {
    const parts = [status.requests?.[kind] && `asks for ${status.requests[kind]}`, status.limits?.[kind] && `at most ${status.limits[kind]}`];
    return parts.filter(Boolean).join(", ") || "no limit";
  };

  return { element, status: show };
}
