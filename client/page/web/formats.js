// Values as the text report of echoc writes them (client/results/text.cpp).

// As printf does it: a value in the middle between two goes to the even one. JavaScript's toFixed
// takes the larger one.
function fixed(value, decimals) {
  const scaled = value * 10 ** decimals;
  const isBinaryFraction = Number.isInteger(value * 2 ** (decimals + 1));
  if (!isBinaryFraction || scaled % 1 !== 0.5) return value.toFixed(decimals);
  const below = Math.floor(scaled);
  return ((below % 2 === 0 ? below : below + 1) / 10 ** decimals).toFixed(decimals);
}

function threeDigits(value) {
  return fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

// Microseconds as "87.2us", "1.35ms" or "2.01s".
function shortTime(us) {
  if (us === null || us === undefined) return "-";
  const ns = Math.round(us * 1000);
  if (ns < 999500) return threeDigits(ns / 1e3) + "us";
  if (ns < 999500000) return threeDigits(ns / 1e6) + "ms";
  return threeDigits(ns / 1e9) + "s";
}

// A round number of an axis: "5us", not "5.00us".
function tickTime(us) {
  return shortTime(us).replace(/\.?0+(?=[a-z])/, (zeros) => (zeros.startsWith(".") ? "" : zeros));
}

// "1,234.5" with that many decimals.
function grouped(number, decimals = 0) {
  const [whole, fraction] = fixed(number, decimals).split(".");
  const commas = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? commas : commas + "." + fraction;
}

// "p99.9"; the ends of a distribution have names.
function percentileName(percentile) {
  if (percentile === 0) return "min";
  return percentile === 100 ? "max" : "p" + percentile;
}

// Seconds since the measuring began.
function moment(seconds) {
  return Number(seconds.toFixed(3)) + " s";
}
