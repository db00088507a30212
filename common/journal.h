#pragma once

#include <string_view>

namespace echo {

// Whether a descriptor leads to systemd's journal: JOURNAL_STREAM names the device and inode of
// that stream (systemd.exec(5)), and is still set when a stream was redirected. Any thread.
bool is_journal(int descriptor) noexcept;

// What a line in the journal starts with (sd-daemon(3)); the journal takes it off.
constexpr std::string_view kJournalError = "<3>";
constexpr std::string_view kJournalWarning = "<4>";

}  // namespace echo
