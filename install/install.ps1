# Installs pyrpc on Windows: irm https://github.com/pyrpc/toolkit/releases/latest/download/install.ps1 | iex
#   ./install.ps1 [-Version X.Y.Z] [-To FOLDER]
# To remove it: delete pyrpc.exe and pyrpc-toolkit.exe from that folder (default %LOCALAPPDATA%\Programs\pyrpc).
# PYRPC_DOWNLOAD_URL is the address of a mirror: a folder with SHA256SUMS and the archives.
param([string]$Version = "", [string]$To = "")

function Install-Pyrpc([string]$Version, [string]$To) {
    # Applies to this function only: functions of modules (Get-FileHash, Expand-Archive) do not inherit it.
    $ErrorActionPreference = "Stop"
    # The progress display makes downloads of Windows PowerShell many times slower.
    $ProgressPreference = "SilentlyContinue"
    $releases = "https://github.com/pyrpc/toolkit/releases"
    if ($env:OS -ne "Windows_NT") { throw "This installer is for Windows: use install.sh" }
    if (-not $To) {
        if (-not $env:LOCALAPPDATA) { throw "LOCALAPPDATA is not set: choose a folder with -To FOLDER" }
        $To = Join-Path $env:LOCALAPPDATA "Programs\pyrpc"
    }
    # Cmdlets instead of .NET: the constrained language mode of managed computers allows no methods of most types.
    if (-not (Split-Path -Path $To -IsAbsolute)) {
        $To = Join-Path (Get-Location -PSProvider FileSystem).ProviderPath $To
    }
    $Version = $Version -replace "^v", ""
    # The machine's processor, not that of a PowerShell under emulation.
    $system = "HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
    $machine = (Get-ItemProperty -LiteralPath $system -ErrorAction SilentlyContinue).PROCESSOR_ARCHITECTURE
    if (-not $machine) { $machine = $env:PROCESSOR_ARCHITECTURE }
    $cpu = switch ($machine) {
        "AMD64" { "x86_64" }
        "ARM64" { "aarch64" }
        default { throw "No executable for the processor ${machine}: install the package for Node.js with npm install @pyrpc/client" }
    }
    $base = if ($env:PYRPC_DOWNLOAD_URL) { $env:PYRPC_DOWNLOAD_URL.TrimEnd("/") }
        elseif ($Version) { "$releases/download/v$Version" }
        else { "$releases/latest/download" }
    # Old versions of Windows PowerShell do not offer TLS 1.2 by default; 0 means the default of the system.
    try {
        $protocols = [System.Net.ServicePointManager]::SecurityProtocol
        if ($PSVersionTable.PSVersion.Major -lt 6 -and [int]$protocols -ne 0) {
            [System.Net.ServicePointManager]::SecurityProtocol = $protocols -bor [System.Net.SecurityProtocolType]::Tls12
        }
    }
    catch { Write-Verbose "The TLS version cannot be changed here: $_" }
    # Windows PowerShell that was started below PowerShell 7 finds the modules of that first, which lack Get-FileHash for it.
    $modules = $env:PSModulePath
    if ($PSVersionTable.PSVersion.Major -lt 6) { $env:PSModulePath = "$PSHOME\Modules;$modules" }
    $unique = "$PID-" + (Get-Random)
    $work = Join-Path $env:TEMP "pyrpc-$unique"
    New-Item -ItemType Directory -Path $work | Out-Null
    $target = Join-Path $To "pyrpc.exe"
    $staged = Join-Path $To "pyrpc.new.exe"
    $second = Join-Path $To "pyrpc-toolkit.exe"
    # A new name each time: an old copy that still runs cannot be removed, and must not block the next update.
    $old = Join-Path $To "pyrpc.old-$unique.exe"
    try {
        $sums = Join-Path $work "SHA256SUMS"
        Invoke-WebRequest -UseBasicParsing -Uri "$base/SHA256SUMS" -OutFile $sums
        $wanted = if ($Version) { [regex]::Escape($Version) } else { "[^ ]+" }
        $line = Get-Content -LiteralPath $sums |
            Where-Object { $_ -match "^[0-9a-f]{64}  pyrpc-$wanted-$cpu-pc-windows-msvc\.zip$" } |
            Select-Object -First 1
        if (-not $line) { throw "This release has no archive for $cpu-pc-windows-msvc. All versions and their archives: $releases" }
        $sum, $archive = $line -split "  ", 2
        $file = Join-Path $work $archive
        Invoke-WebRequest -UseBasicParsing -Uri "$base/$archive" -OutFile $file
        $found = (Get-FileHash -Algorithm SHA256 -LiteralPath $file -ErrorAction Stop).Hash
        if ($found -ne $sum) { throw "The checksum of $archive differs from SHA256SUMS: expected $sum, found $found. Nothing was installed" }
        Expand-Archive -LiteralPath $file -DestinationPath $work -ErrorAction Stop
        New-Item -ItemType Directory -Force -Path $To | Out-Null
        $unpacked = Join-Path $work ($archive -replace "\.zip$", "")
        Copy-Item -LiteralPath (Join-Path $unpacked "pyrpc.exe") -Destination $staged -Force
        $installed = ""
        $reason = ""
        # SmartScreen and AppLocker reject an executable with an exception instead of an exit code.
        try { $installed = & $staged --version } catch { $reason = " ($_)" }
        if (-not $installed -or $LASTEXITCODE -ne 0) {
            throw "The executable does not start on this system${reason}: install the package for Node.js with npm install @pyrpc/client"
        }
        # A running pyrpc cannot be replaced or deleted, but it can be renamed.
        if (Test-Path -LiteralPath $target) { Move-Item -LiteralPath $target -Destination $old }
        try { Move-Item -LiteralPath $staged -Destination $target -Force }
        catch {
            # A scanner may hold the new executable: restore the old one.
            if (Test-Path -LiteralPath $old) { Move-Item -LiteralPath $old -Destination $target -Force }
            throw
        }
        # A second name for the same file. Not a batch file, in which Ctrl+C asks "Terminate batch job (Y/N)?".
        $oldSecond = Join-Path $To "pyrpc-toolkit.old-$unique.exe"
        try {
            if (Test-Path -LiteralPath $second) { Move-Item -LiteralPath $second -Destination $oldSecond }
            try { New-Item -ItemType HardLink -Path $second -Value $target | Out-Null }
            catch { Copy-Item -LiteralPath $target -Destination $second -Force }
        }
        catch {
            # pyrpc.exe is updated: the installation keeps the previous second name, if there was one.
            Write-Output "note: pyrpc-toolkit.exe was not updated ($_). Close what uses it, and run this installer again"
            if ((Test-Path -LiteralPath $oldSecond) -and -not (Test-Path -LiteralPath $second)) {
                Move-Item -LiteralPath $oldSecond -Destination $second -ErrorAction SilentlyContinue
            }
        }
        # Copies that still run stay until the next update.
        Get-ChildItem -LiteralPath $To -Filter "pyrpc*.old*.exe" -ErrorAction SilentlyContinue |
            Remove-Item -Force -ErrorAction SilentlyContinue
        Remove-Item -LiteralPath (Join-Path $To "pyrpc-toolkit.cmd") -Force -ErrorAction SilentlyContinue
        Write-Output "$installed installed as $target"
        Write-Output "To remove it: delete pyrpc.exe and pyrpc-toolkit.exe in $To"
        if (($env:Path -split ";").TrimEnd("\") -notcontains $To.TrimEnd("\")) {
            $quoted = $To -replace "'", "''"
            Write-Output "note: $To is not on Path; to add it for new terminals:"
            # Not GetEnvironmentVariable, which replaces variables such as %USERPROFILE% by their current values.
            Write-Output '  $k = [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey("Environment")'
            Write-Output "  `$p = `$k.GetValue('Path', '', 'DoNotExpandEnvironmentNames'); `$n = (@(`$p.Split(';') -ne '') + '$quoted') -join ';'"
            Write-Output '  $k.SetValue("Path", $n, "ExpandString"); [Environment]::SetEnvironmentVariable("pyrpc_installed", $null, "User")'
        }
        else {
            $first = Get-Command pyrpc -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
            if ($first -and $first.Source -ne $target) {
                Write-Output "note: ""pyrpc"" is $($first.Source) here; ""pyrpc-toolkit"" is this one"
            }
        }
    }
    finally {
        $env:PSModulePath = $modules
        foreach ($left in $work, $staged) {
            Remove-Item -LiteralPath $left -Recurse -Force -ErrorAction SilentlyContinue
        }
    }
}

# Called at the end, so that a truncated download does nothing.
Install-Pyrpc $Version $To
