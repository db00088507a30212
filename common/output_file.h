#pragma once

#include <string>
#include <string_view>

#include "common/descriptor.h"

namespace echo {

// A file that a program writes for its user. A regular file is replaced as a whole: everything goes
// into a temporary file beside it, which finish() renames, so that a reader never sees a part and a
// failure costs nothing. Until then it has no name where the file system can do that (open(2),
// O_TMPFILE), and a program that is killed leaves none. Where no file can be made beside it, it is
// written in place by finish().
// Anything else (a FIFO, a device, a standard stream) is opened and written into as the text comes.
// Symbolic links are followed; "-" is standard output. Thread rule: one thread at a time.
class OutputFile {
 public:
  // Throws std::runtime_error, "cannot write PATH: why". A FIFO need not have a reader yet.
  explicit OutputFile(const std::string& path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();  // without finish() a regular file stays as it was

  // Whether nobody reads it before finish(): a regular file.
  bool is_replaced() const { return is_nameless_ || !temporary_.empty() || existing_; }

  // Never waits for a slow reader: what it does not take is kept for the next call.
  void write(std::string_view text);

  // The first errno since the file was opened; 0 for none.
  int error() const { return error_; }

  // Writes what is left and puts the file in its place. Gives up on a reader that takes nothing or
  // does not come once `interrupt` (a descriptor, -1 for none) is readable. Returns error().
  int finish(int interrupt = -1);

  const std::string& path() const { return path_; }

 private:
  void open_existing(unsigned mode, unsigned owner, unsigned group);
  bool open_temporary(unsigned mode);
  bool open_named(unsigned mode);
  bool give_name();
  void open_special();
  void wait_for_reader(int interrupt);
  void replace();
  void write_in_place();
  void fail(int error);

  std::string path_;           // as the user wrote it
  std::string target_;         // without links
  std::string temporary_;      // the name of the temporary file; empty: none
  bool is_nameless_ = false;   // the temporary file has no name yet
  Descriptor file_;            // the temporary file, or what is written into
  Descriptor existing_;        // the regular file that was there
  bool lacks_reader_ = false;  // a FIFO that cannot be opened before it has one
  std::string pending_;
  int error_ = 0;
};

// A text that is the same for two paths if they name the same regular file or pipe; "-" is standard
// output. Empty for anything in which several texts do not disturb each other, such as /dev/null.
std::string output_identity(const std::string& path);

}  // namespace echo
