#include "client/results/hlog.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <zlib.h>

#include <bit>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "client/results/base64.h"

namespace echo::load {
namespace {

using Bytes = std::vector<unsigned char>;

constexpr std::uint32_t kCompressed = 0x1c849314;
constexpr std::uint32_t kPlain = 0x1c849313;
constexpr std::size_t kPlainHeader = 40;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

template <typename T>
void put(Bytes& bytes, T value) {
  const auto bits = static_cast<std::uint64_t>(value);
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<unsigned char>(bits >> shift));
  }
}

// ZigZag LEB128 of at most nine bytes, of which the ninth is used whole.
void put_count(Bytes& bytes, std::int64_t value) {
  auto rest = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (int i = 0; i < 8; ++i) {
    if (rest < 0x80) {
      bytes.push_back(static_cast<unsigned char>(rest));
      return;
    }
    bytes.push_back(static_cast<unsigned char>(rest | 0x80));
    rest >>= 7;
  }
  bytes.push_back(static_cast<unsigned char>(rest));
}

// Up to the highest bucket in use; a run of n empty ones is the number -n.
Bytes counts_of(const Histogram& histogram) {
  Bytes bytes;
  std::int64_t zeros = 0;
  for (const std::uint64_t count : histogram.counts()) {
    if (count == 0) {
      ++zeros;
      continue;
    }
    if (zeros == 1) put_count(bytes, 0);
    if (zeros > 1) put_count(bytes, -zeros);
    zeros = 0;
    put_count(bytes, static_cast<std::int64_t>(count));
  }
  if (bytes.empty()) put_count(bytes, -1);
  return bytes;
}

Bytes encode(const Histogram& histogram) {
  const Bytes counts = counts_of(histogram);
  Bytes plain;
  put(plain, kPlain);
  put(plain, static_cast<std::int32_t>(counts.size()));
  put(plain, std::int32_t{0});
  put(plain, static_cast<std::int32_t>(Histogram::kLayout.digits));
  put(plain, Histogram::kLayout.lowest);
  put(plain, Histogram::kLayout.highest);
  put(plain, std::bit_cast<std::uint64_t>(1.0));
  plain.insert(plain.end(), counts.begin(), counts.end());

  uLongf size = ::compressBound(plain.size());
  Bytes compressed(size);
  ::compress(compressed.data(), &size, plain.data(), plain.size());
  compressed.resize(size);
  Bytes result;
  put(result, kCompressed);
  put(result, static_cast<std::int32_t>(size));
  result.insert(result.end(), compressed.begin(), compressed.end());
  return result;
}

template <typename T>
T get(const Bytes& bytes, std::size_t at) {
  if (at + sizeof(T) > bytes.size()) throw std::runtime_error("a histogram is cut short");
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) bits = (bits << 8) | bytes[at + i];
  return static_cast<T>(bits);
}

std::int64_t take_count(const Bytes& bytes, std::size_t& at) {
  std::uint64_t bits = 0;
  for (int i = 0; i < 9; ++i) {
    if (at == bytes.size()) throw std::runtime_error("a histogram is cut short");
    const std::uint64_t byte = bytes[at++];
    bits |= (i < 8 ? byte & 0x7f : byte) << (7 * i);
    if (i < 8 && byte < 0x80) break;
  }
  return static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
}

Bytes inflate(const Bytes& bytes) {
  // As large as the counts can get: nine bytes each.
  uLongf size = kPlainHeader + 9 * Histogram::kLayout.size();
  Bytes plain(size);
  if (bytes.size() < 8 || get<std::uint32_t>(bytes, 0) != kCompressed ||
      ::uncompress(plain.data(), &size, bytes.data() + 8, bytes.size() - 8) != Z_OK) {
    throw std::runtime_error("not a compressed histogram of version 2");
  }
  plain.resize(size);
  return plain;
}

Histogram decode(const Bytes& bytes) {
  const Bytes plain = inflate(bytes);
  if (get<std::uint32_t>(plain, 0) != kPlain ||
      get<std::int32_t>(plain, 12) != Histogram::kLayout.digits ||
      get<std::int64_t>(plain, 16) != Histogram::kLayout.lowest ||
      get<std::int64_t>(plain, 24) != Histogram::kLayout.highest) {
    throw std::runtime_error("a histogram with other buckets than those of echoc");
  }
  Histogram histogram;
  std::size_t index = 0;
  for (std::size_t at = kPlainHeader; at < plain.size();) {
    const std::int64_t count = take_count(plain, at);
    if (count < 0) {
      index += static_cast<std::uint64_t>(-count);
    } else {
      if (index >= Histogram::kLayout.size()) throw std::runtime_error("too many counts");
      histogram.add_to(index++, static_cast<std::uint64_t>(count));
    }
  }
  return histogram;
}

struct Row {
  std::string tag;
  std::string payload;
};

Row split(std::string_view line) {
  Row row;
  if (line.starts_with("Tag=")) {
    const std::size_t comma = line.find(',');
    row.tag = line.substr(4, comma == line.npos ? comma : comma - 4);
    line.remove_prefix(comma == line.npos ? line.size() : comma + 1);
  }
  for (int column = 0; column < 3; ++column) {
    const std::size_t comma = line.find(',');
    if (comma == line.npos) throw std::runtime_error("fewer than four columns");
    line.remove_prefix(comma + 1);
  }
  row.payload = line;
  return row;
}

}  // namespace

void write_hlog_header(std::ostream& file, std::chrono::system_clock::time_point start) {
  const double since_epoch = std::chrono::duration<double>(start.time_since_epoch()).count();
  file << "#[Histogram log format version 1.3]\n"
       << fmt::format("#[StartTime: {:.3f} (seconds since epoch), {:%Y-%m-%dT%H:%M:%S}Z]\n",
                      since_epoch, fmt::gmtime(std::chrono::system_clock::to_time_t(start)))
       << "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
          "\"Interval_Compressed_Histogram\"\n";
}

void write_hlog_row(std::ostream& file, std::string_view tag, std::chrono::nanoseconds start,
                    std::chrono::nanoseconds length, const Histogram& histogram) {
  if (!tag.empty()) file << "Tag=" << tag << ',';
  file << fmt::format("{:.3f},{:.3f},{:.3f},{}\n", seconds(start), seconds(length),
                      static_cast<double>(histogram.max().count()) / 1e6,
                      to_base64(encode(histogram)));
}

void read_hlog(std::istream& file,
               const std::function<void(const std::string& tag, const Histogram&)>& take) {
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line.starts_with('#') || line.starts_with('"')) continue;
    try {
      const Row row = split(line);
      take(row.tag, decode(from_base64(row.payload)));
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(fmt::format("line {}: {}", number, error.what()));
    }
  }
}

}  // namespace echo::load
