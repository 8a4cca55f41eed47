/** The words of sample texts. @module */

export const FIRST_NAMES = [
  "Ada",
  "Ben",
  "Chloe",
  "Daniel",
  "Elena",
  "Farid",
  "Grace",
  "Hugo",
  "Ines",
  "Jonas",
  "Keiko",
  "Liam",
  "Maya",
  "Noah",
  "Olga",
  "Pablo",
  "Quinn",
  "Rosa",
  "Samir",
  "Tessa",
  "Umar",
  "Vera",
  "Wei",
  "Yusuf",
  "Zoe",
] as const;

export const LAST_NAMES = [
  "Novak",
  "Okafor",
  "Lindgren",
  "Tanaka",
  "Moreau",
  "Silva",
  "Haddad",
  "Kowalski",
  "Fischer",
  "Rossi",
  "Patel",
  "Nguyen",
  "Andersen",
  "Castillo",
  "Byrne",
  "Kaya",
  "Larsen",
  "Mensah",
  "Petrov",
  "Suzuki",
] as const;

export const CITIES = [
  ["Lisbon", "PT", "Portugal"],
  ["Oslo", "NO", "Norway"],
  ["Kyoto", "JP", "Japan"],
  ["Toronto", "CA", "Canada"],
  ["Nairobi", "KE", "Kenya"],
  ["Vienna", "AT", "Austria"],
  ["Porto Alegre", "BR", "Brazil"],
  ["Dublin", "IE", "Ireland"],
  ["Gdansk", "PL", "Poland"],
  ["Valencia", "ES", "Spain"],
  ["Pune", "IN", "India"],
  ["Lyon", "FR", "France"],
  ["Denver", "US", "United States"],
  ["Leipzig", "DE", "Germany"],
  ["Bologna", "IT", "Italy"],
] as const;

export const STREETS = [
  "Mill Lane",
  "Harbour Street",
  "Station Road",
  "Park Avenue",
  "Elm Street",
  "Market Square",
] as const;

export const COMPANIES = [
  "Northwind",
  "Bluefin Labs",
  "Cedar & Co",
  "Polar Works",
  "Lumen Systems",
  "Red Kite Foods",
  "Harbor Freight Lines",
  "Quartz Analytics",
] as const;

export const MATERIALS = [
  "Oak",
  "Linen",
  "Steel",
  "Copper",
  "Cotton",
  "Ceramic",
  "Bamboo",
  "Leather",
  "Glass",
  "Wool",
] as const;

export const THINGS = [
  "Lamp",
  "Backpack",
  "Notebook",
  "Kettle",
  "Chair",
  "Mug",
  "Scarf",
  "Desk",
  "Bottle",
  "Clock",
] as const;

export const NOUNS = [
  "harbor",
  "lantern",
  "meadow",
  "signal",
  "copper",
  "orchid",
  "summit",
  "ribbon",
  "falcon",
  "canvas",
  "ember",
  "cedar",
  "comet",
  "pebble",
  "willow",
  "anchor",
] as const;

export const ADJECTIVES = [
  "quiet",
  "bright",
  "steady",
  "gentle",
  "rapid",
  "hidden",
  "golden",
  "northern",
  "simple",
  "clever",
  "early",
  "open",
] as const;

export const SENTENCES = [
  "Please leave it with the neighbour.",
  "Works as described.",
  "Checked and confirmed by phone.",
  "Arrives in two parcels.",
  "A second look is needed before the release.",
  "Everything went as planned.",
  "The customer asked for a blue one.",
  "See the notes of the last meeting.",
  "Nothing unusual was found.",
  "Replaces the model of last year.",
] as const;

export const CATEGORIES = [
  "Books",
  "Kitchen",
  "Garden",
  "Music",
  "Outdoor",
  "Office",
  "Toys",
  "Lighting",
  "Travel",
  "Sports",
] as const;

export const COLORS = [
  "red",
  "green",
  "blue",
  "amber",
  "teal",
  "violet",
  "black",
  "white",
] as const;
export const CURRENCIES = ["EUR", "USD", "GBP", "JPY", "CHF", "SEK"] as const;
export const LANGUAGES = ["en", "de", "fr", "es", "pt", "ja", "pl", "it"] as const;
export const LOCALES = ["en-GB", "de-DE", "fr-FR", "es-ES", "pt-BR", "ja-JP"] as const;
export const TIMEZONES = [
  "Europe/Lisbon",
  "Europe/Vienna",
  "America/Denver",
  "Asia/Tokyo",
  "Africa/Nairobi",
] as const;
export const STATES = ["active", "pending", "done", "paused", "archived"] as const;
export const ROLES = ["admin", "editor", "viewer", "owner", "guest"] as const;
export const JOBS = [
  "Engineer",
  "Designer",
  "Accountant",
  "Nurse",
  "Teacher",
  "Analyst",
  "Chef",
] as const;
export const LEVELS = ["info", "warning", "error", "debug"] as const;
export const UNITS = ["kg", "m", "l", "pcs", "h"] as const;
export const MEDIA = ["image/png", "application/pdf", "text/plain", "application/json"] as const;
export const FILES = ["report.pdf", "photo.png", "notes.txt", "data.csv", "invoice.pdf"] as const;
export const PRIORITIES = ["low", "medium", "high", "urgent"] as const;
export const REGIONS = [
  "Bavaria",
  "Ontario",
  "Catalonia",
  "Victoria",
  "Oregon",
  "Tuscany",
] as const;
export const EMOJI = ["🌿", "🎉", "🚀", "☕", "📚", "✅"] as const;
export const FAILURES = [
  "The file was not found",
  "The connection was closed",
  "The value is too large",
  "Permission denied",
] as const;
export const USER_AGENTS = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
  "curl/8.5.0",
] as const;
