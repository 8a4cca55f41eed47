# Installs pyrpc on Windows: irm https://github.com/pyrpc/toolkit/releases/latest/download/install.ps1 | iex
#   ./install.ps1 [-Version X.Y.Z] [-To FOLDER]
# To remove it: delete pyrpc.exe and pyrpc-toolkit.cmd from that folder (default %LOCALAPPDATA%\Programs\pyrpc).
# PYRPC_DOWNLOAD_URL names a mirror: a folder with SHA256SUMS and the archives.
param([string]$Version = "", [string]$To = "")

function Install-Pyrpc([string]$Version, [string]$To) {
    # Of this function alone. What is a module's own function (Get-FileHash, Expand-Archive) does not see it.
    $ErrorActionPreference = "Stop"
    # Windows PowerShell downloads many times slower while it draws its progress.
    $ProgressPreference = "SilentlyContinue"
    $releases = "https://github.com/pyrpc/toolkit/releases"
    if ($env:OS -ne "Windows_NT") { throw "This installer is for Windows: use install.sh" }
    if (-not $To) {
        if (-not $env:LOCALAPPDATA) { throw "LOCALAPPDATA is not set: say where to with -To FOLDER" }
        $To = Join-Path $env:LOCALAPPDATA "Programs\pyrpc"
    }
    $To = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($To)
    $Version = $Version -replace "^v", ""
    # The machine's processor, not that of a PowerShell under emulation.
    $machine = [System.Environment]::GetEnvironmentVariable("PROCESSOR_ARCHITECTURE", "Machine")
    if (-not $machine) { $machine = $env:PROCESSOR_ARCHITECTURE }
    $cpu = switch ($machine) {
        "AMD64" { "x86_64" }
        "ARM64" { "aarch64" }
        default { throw "There is no pyrpc for the processor ${machine}: npm install @pyrpc/client runs on Node" }
    }
    $base = if ($env:PYRPC_DOWNLOAD_URL) { $env:PYRPC_DOWNLOAD_URL.TrimEnd("/") }
        elseif ($Version) { "$releases/download/v$Version" }
        else { "$releases/latest/download" }
    # An old Windows PowerShell does not offer TLS 1.2 by itself; 0 is what the system says.
    $protocols = [System.Net.ServicePointManager]::SecurityProtocol
    if ($PSVersionTable.PSVersion.Major -lt 6 -and [int]$protocols -ne 0) {
        [System.Net.ServicePointManager]::SecurityProtocol = $protocols -bor [System.Net.SecurityProtocolType]::Tls12
    }
    $work = Join-Path ([System.IO.Path]::GetTempPath()) ("pyrpc-" + [System.Guid]::NewGuid())
    New-Item -ItemType Directory -Path $work | Out-Null
    $target = Join-Path $To "pyrpc.exe"
    $staged = Join-Path $To "pyrpc.new.exe"
    $old = Join-Path $To "pyrpc.old.exe"
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
        if ($found -ne $sum) { throw "$archive is not what SHA256SUMS says: $found instead of $sum. Nothing was installed" }
        Expand-Archive -LiteralPath $file -DestinationPath $work -ErrorAction Stop
        New-Item -ItemType Directory -Force -Path $To | Out-Null
        $unpacked = Join-Path $work ($archive -replace "\.zip$", "")
        Copy-Item -LiteralPath (Join-Path $unpacked "pyrpc.exe") -Destination $staged -Force
        $installed = & $staged --version
        if ($LASTEXITCODE -ne 0) { throw "The executable does not start on this system: npm install @pyrpc/client runs on Node" }
        # A pyrpc that runs right now cannot be replaced or deleted, but renamed.
        Remove-Item -LiteralPath $old -Force -ErrorAction SilentlyContinue
        if (Test-Path -LiteralPath $target) { Move-Item -LiteralPath $target -Destination $old -Force }
        Move-Item -LiteralPath $staged -Destination $target -Force
        Remove-Item -LiteralPath $old -Force -ErrorAction SilentlyContinue
        Set-Content -LiteralPath (Join-Path $To "pyrpc-toolkit.cmd") -Value '@"%~dp0pyrpc.exe" %*' -Encoding ascii
        Write-Output "$installed installed as $target"
        Write-Output "To remove it: delete pyrpc.exe and pyrpc-toolkit.cmd in $To"
        if (($env:Path -split ";").TrimEnd("\") -notcontains $To.TrimEnd("\")) {
            $quoted = $To -replace "'", "''"
            Write-Output "note: $To is not on Path; add it, for terminals that are opened then:"
            Write-Output "  [Environment]::SetEnvironmentVariable('Path', [Environment]::GetEnvironmentVariable('Path', 'User') + ';$quoted', 'User')"
        }
        else {
            $first = Get-Command pyrpc -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
            if ($first -and $first.Source -ne $target) {
                Write-Output "note: ""pyrpc"" is $($first.Source) here; ""pyrpc-toolkit"" is this one"
            }
        }
    }
    finally {
        foreach ($left in $work, $staged) {
            Remove-Item -LiteralPath $left -Recurse -Force -ErrorAction SilentlyContinue
        }
    }
}

# Called here, at the end: a download of this script that was cut does nothing.
Install-Pyrpc $Version $To
