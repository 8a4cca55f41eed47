# A small stand-in for Homebrew's formula language: evaluates a formula, downloads its archive, verifies it, installs it
# into a folder and runs its test. Only what our formula uses is here; anything else fails with NoMethodError.
#
#   ruby formula_stand_in.rb FORMULA OS ARCH PREFIX MIRROR      (OS: macos, linux; ARCH: arm, intel; MIRROR replaces the URL's folder)
#
# With "only-url" as a sixth argument it prints address and checksum, and installs nothing.
require "digest"
require "fileutils"
require "open-uri"
require "open3"
require "pathname"
require "tmpdir"

FILE, OS, ARCH, PREFIX, MIRROR, MODE = ARGV

class Pathname
  def install(source) = (mkpath; FileUtils.cp(source, self, preserve: true))

  def install_symlink(names)
    names.each { |from, to| FileUtils.ln_sf(from, join(to)) }
  end
end

class Formula
  class << self
    attr_reader :source, :sum, :test_block

    %i[desc homepage license].each do |name|
      define_method(name) { |text| raise "empty #{name}" if text.empty? }
    end

    def version(text = nil) = text ? @version = text : @version
    def url(text) = @source = text
    def sha256(text) = @sum = text
    def on_macos(&block) = OS == "macos" && block.call
    def on_linux(&block) = OS == "linux" && block.call
    def on_arm(&block) = ARCH == "arm" && block.call
    def on_intel(&block) = ARCH == "intel" && block.call
    def test(&block) = @test_block = block
    def inherited(formula) = (super; @@formula = formula)
    def formula = @@formula
  end

  attr_accessor :testpath

  def version = self.class.version
  def prefix = Pathname.new(PREFIX)
  def bin = prefix/"bin"
  def man1 = prefix/"share/man/man1"

  def generate_completions_from_executable(*command, shells:)
    shells.each do |shell|
      text, status = Open3.capture2(*command.map(&:to_s), shell.to_s)
      raise "no completions for #{shell}" if !status.success? || text.empty?
      (prefix/"completions").mkpath
      (prefix/"completions"/shell.to_s).write(text)
    end
  end

  def shell_output(command)
    text, status = Open3.capture2("/bin/sh", "-c", command)
    raise "#{command} failed" unless status.success?
    text
  end

  def system(*command) = Kernel.system(*command.map(&:to_s), exception: true)

  def assert_match(wanted, text)
    raise "#{text.inspect} does not hold #{wanted.inspect}" unless text.include?(wanted)
  end
end

load FILE
klass = Formula.formula
raise "no archive for #{OS} #{ARCH}" unless klass.source && klass.sum
if MODE == "only-url"
  puts "#{klass.source} #{klass.sum}"
  exit
end

Dir.mktmpdir do |work|
  archive = File.join(work, "archive.tar.gz")
  File.binwrite(archive, URI.open("#{MIRROR}/#{File.basename(klass.source)}", &:read))
  found = Digest::SHA256.file(archive).hexdigest
  raise "checksum #{found} instead of #{klass.sum}" unless found == klass.sum
  system("tar", "xzf", archive, "-C", work, exception: true)
  # Homebrew goes into the only folder of an archive.
  folder = Dir.children(work).map { |name| File.join(work, name) }.find { |path| File.directory?(path) }
  formula = klass.new
  Dir.chdir(folder) { formula.install }
  tests = File.join(work, "test").tap { |path| Dir.mkdir(path) }
  formula.testpath = Pathname.new(tests)
  Dir.chdir(tests) { formula.instance_eval(&klass.test_block) }
end
puts "installed and tested"
