// The two rules in CQL by cql-execution: a peer. The translator brings neither a model of CQL's own
// types nor a UCUM service; without them it complains, still answers, and answers wrongly.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [packages, folder, rules, helpers] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(packages, "package.json")));
const translation = await import(pathToFileURL(join(packages, "node_modules/@cqframework/cql/cql-to-elm.mjs")));
const cql = require("cql-execution");
const fhir = require("cql-exec-fhir");
const ucum = require("@lhncbc/ucum-lhc").UcumLhcUtils.getInstance();

const FHIR_MODEL = join(dirname(require.resolve("cql-exec-fhir")), "modelInfos/fhir-modelinfo-4.0.1.xml");
const SIMPLE = ["Boolean", "Integer", "Long", "Decimal", "String", "DateTime", "Date", "Time"];
const CLASSES = [
  ["Quantity", "Any", { value: "Decimal", unit: "String" }],
  ["Ratio", "Any", { numerator: "Quantity", denominator: "Quantity" }],
  ["Code", "Any", { code: "String", system: "String", version: "String", display: "String" }],
  ["Concept", "Any", { codes: ["Code"], display: "String" }],
  ["Vocabulary", "Any", { id: "String", version: "String", name: "String" }],
  ["CodeSystem", "Vocabulary", {}],
  ["ValueSet", "Vocabulary", {}],
];

function element(name, type) {
  if (!Array.isArray(type)) return `<element name="${name}" elementType="System.${type}"/>`;
  const list = `<elementTypeSpecifier xsi:type="ListTypeSpecifier" elementType="System.${type[0]}"/>`;
  return `<element name="${name}">${list}</element>`;
}

function systemModel() {
  const simple = SIMPLE.map(
    (name) => `<typeInfo xsi:type="SimpleTypeInfo" name="System.${name}" baseType="System.Any"/>`,
  );
  const classes = CLASSES.map(([name, base, parts]) => {
    const elements = Object.entries(parts).map(([part, type]) => element(part, type)).join("");
    const kind = `xsi:type="ClassInfo" name="System.${name}" baseType="System.${base}"`;
    return `<typeInfo ${kind}>${elements}</typeInfo>`;
  });
  return (
    `<modelInfo xmlns="urn:hl7-org:elm-modelinfo:r1" name="System" version="1.0.0"` +
    ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" url="urn:hl7-org:elm-types:r1"` +
    ` targetQualifier="system"><typeInfo xsi:type="SimpleTypeInfo" name="System.Any"/>` +
    `${simple.join("")}${classes.join("")}</modelInfo>`
  );
}

function notNeeded() {
  throw new Error("the rules neither multiply nor divide quantities");
}

/** The rules and what they include as ELM; an error of the translator is an error. */
function translate() {
  const models = new translation.ModelManager();
  models.modelInfoLoader.registerModelInfoProvider(
    translation.createModelInfoProvider((name) =>
      translation.stringAsSource(name === "FHIR" ? readFileSync(FHIR_MODEL, "utf8") : systemModel()),
    ),
  );
  const units = translation.createUcumService(
    (value, from, to) => String(ucum.convertUnitTo(from, Number(value), to).toVal),
    (unit) => (ucum.validateUnitString(unit).status === "valid" ? null : "not a UCUM unit"),
    notNeeded,
    notNeeded,
  );
  const included = readFileSync(helpers, "utf8").replace(/version '[^']*'/, "version '4.0.1'");
  const libraries = new translation.LibraryManager(models, undefined, undefined, units);
  libraries.librarySourceLoader.registerProvider(
    translation.createLibrarySourceProvider((name) =>
      name === "FHIRHelpers" ? translation.stringAsSource(included) : null,
    ),
  );
  return [readFileSync(rules, "utf8"), included].map((text) => {
    const translator = translation.CqlTranslator.fromText(text, libraries);
    const elm = JSON.parse(translator.toJson());
    const wrong = (elm.library.annotation ?? []).filter((note) => note.errorSeverity === "error");
    if (wrong.length) throw new Error(JSON.stringify(wrong));
    return elm;
  });
}

/** One bundle a person. */
function bundles() {
  const people = new Map();
  for (const line of readFileSync(join(folder, "data.ndjson"), "utf8").split("\n")) {
    if (!line) continue;
    const resource = JSON.parse(line);
    const id = resource.subject ? resource.subject.reference.slice("Patient/".length) : resource.id;
    if (!people.has(id)) people.set(id, []);
    people.get(id).push({ resource });
  }
  return [...people.values()].map((entry) => ({ resourceType: "Bundle", type: "collection", entry }));
}

const [main, included] = translate();
const library = new cql.Library(main, new cql.Repository({ FHIRHelpers: included }));
let started = performance.now();
const found = bundles();
const source = fhir.PatientSource.FHIRv401();
source.loadBundles(found);
const loaded = (performance.now() - started) / 1000;
started = performance.now();
const results = await new cql.Executor(library).exec(source);
const seconds = (performance.now() - started) / 1000;
const answers = Object.fromEntries(
  Object.entries(results.patientResults).map(([id, one]) => [`Patient/${id}`, [one["Low"], one["No Count"]]]),
);
console.log(JSON.stringify({ "loading: seconds": loaded, seconds, answers }));
