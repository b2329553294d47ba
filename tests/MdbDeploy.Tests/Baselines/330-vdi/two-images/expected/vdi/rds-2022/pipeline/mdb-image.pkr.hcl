# Golden image rds-2022: the provisioners that stage onboarding and hold the gate, in their order.
#
# As it stands this runs against a machine that is already there (source "null"): packer build -var image_host=10.0.0.5 ... mdb-image.pkr.hcl
# In a build of your own, copy the variables and the provisioners to where its own provisioners end, and keep your generalisation (sysprep) after them.

variable "bundle" {
  type        = string
  description = "The folder of this image in the bundle: vdi/rds-2022."
}

variable "image_host" {
  type    = string
  default = ""
}

variable "image_user" {
  type    = string
  default = "packer"
}

variable "image_password" {
  type      = string
  default   = ""
  sensitive = true
}

variable "junit" {
  type        = string
  description = "Where the result of the gate is kept."
  default     = "mdb-golden-image.xml"
}

source "null" "image" {
  communicator   = "winrm"
  winrm_host     = var.image_host
  winrm_username = var.image_user
  winrm_password = var.image_password
  winrm_use_ssl  = true
}

build {
  sources = ["source.null.image"]

  # 1. The files. Applications, updates and optimisers have run by now.
  provisioner "powershell" {
    inline = [
      "New-Item -ItemType Directory -Force -Path 'C:\\MdbImage' | Out-Null",
    ]
  }

  provisioner "file" {
    source      = "${var.bundle}/"
    destination = "C:/MdbImage/"
  }

  # 2. Antivirus ready, so that not every desktop does it again.
  provisioner "powershell" {
    inline = [
      "$ErrorActionPreference = 'Stop'",
      "Update-MpSignature",
      "Start-MpScan -ScanType QuickScan",
      "Start-ScheduledTask -TaskPath '\\Microsoft\\Windows\\Windows Defender\\' -TaskName 'Windows Defender Cache Maintenance'",
      "while ((Get-ScheduledTask -TaskPath '\\Microsoft\\Windows\\Windows Defender\\' -TaskName 'Windows Defender Cache Maintenance').State -eq 'Running') { Start-Sleep -Seconds 5 }",
    ]
  }

  # 3. Onboarding, entered for the desktops.
  provisioner "powershell" {
    inline = [
      "& 'C:\\MdbImage\\Stage-MdbImage.ps1'",
    ]
  }

  # 4. The gate, as SYSTEM: any exit code but 0 ends the build.
  provisioner "powershell" {
    elevated_user     = "SYSTEM"
    elevated_password = ""
    valid_exit_codes  = [0]
    inline = [
      "& 'C:\\MdbImage\\Test-MdbGoldenImage.ps1' -JUnit 'C:\\Windows\\Temp\\mdb-golden-image.xml' | Where-Object { $_.Result -ne 'Pass' } | Format-List",
      "exit $LASTEXITCODE",
    ]
  }

  provisioner "file" {
    direction   = "download"
    source      = "C:/Windows/Temp/mdb-golden-image.xml"
    destination = var.junit
  }

  # 5. The package is a secret: it stays only where the desktops run it from.
  provisioner "powershell" {
    inline = [
      "Remove-Item -Recurse -Force -Path 'C:\\MdbImage', 'C:\\Windows\\Temp\\mdb-golden-image.xml'",
    ]
  }

  # 6. Your generalisation (sysprep) comes here, last.
}
