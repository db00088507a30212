// Preloaded into echoc (ld.so(8), LD_PRELOAD) to give it names of the test's own.
//   FAKE_NAMES="two=127.0.0.2,127.0.0.1 none="  a name, and the addresses that it stands for;
//   without any, its name server never answers. Says "resolving NAME" on standard error each time.
//   FAKE_NAMES_FILE=FILE  the same, read anew each time
#include <dlfcn.h>
#include <netdb.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace {

using GetAddrInfo = int(const char*, const char*, const addrinfo*, addrinfo**);

GetAddrInfo* real() {
  return reinterpret_cast<GetAddrInfo*>(::dlsym(RTLD_NEXT, "getaddrinfo"));
}

std::string all_names() {
  const char* file = std::getenv("FAKE_NAMES_FILE");
  std::stringstream text;
  if (file != nullptr) {
    text << std::ifstream(file).rdbuf();
  } else if (const char* names = std::getenv("FAKE_NAMES")) {
    text << names;
  }
  return text.str();
}

// What stands behind "name="; false if the name is not one of ours.
bool find(const std::string& name, std::string& addresses) {
  std::istringstream names(all_names());
  for (std::string entry; names >> entry;) {
    if (!entry.starts_with(name + "=")) continue;
    addresses = entry.substr(name.size() + 1);
    return true;
  }
  return false;
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  std::string addresses;
  if (node == nullptr || !find(node, addresses)) return real()(node, service, hints, result);
  std::fprintf(stderr, "resolving %s\n", node);
  while (addresses.empty()) ::pause();
  std::istringstream list(addresses);
  addrinfo** end = result;
  for (std::string address; std::getline(list, address, ',');) {
    const int error = real()(address.c_str(), service, hints, end);
    if (error != 0) return error;
    while (*end != nullptr) end = &(*end)->ai_next;
  }
  return 0;
}
